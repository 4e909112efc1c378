// A sheet to draw one digit on, with mouse, pen or finger. Lines appear under the hand at once; when the hand is lifted, the
// drawing goes to the server as data.side × data.side numbers from 0, paper, to 255, ink, row by row.
//
// What the server puts on the sheet (an example, a drawing from before) gives way to the first line that is drawn. Undo
// takes back a line, a clearing or an example.

const CELL = 4; // pixels of the sheet in one number that is sent, each way
const KEEP = 40; // most steps of undo

class Sheet {
  constructor(root) {
    this.canvas = root.querySelector("canvas");
    this.hint = root.querySelector(".hint");
    this.undoButton = root.querySelector(".undo");
    this.clearButton = root.querySelector(".clear");
    this.past = [];
    this.foreign = true; // what is on the sheet was not drawn here
    this.sequence = 0;
    this.canvas.addEventListener("pointerdown", (event) => this.down(event));
    this.canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel"]) this.canvas.addEventListener(end, (event) => this.up(event));
    // Some browsers decide about scrolling by touch events, whatever touch-action says.
    this.canvas.addEventListener("touchmove", (event) => event.preventDefault(), { passive: false });
    this.undoButton.onclick = () => this.undo();
    this.clearButton.onclick = () => this.clear();
    root.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key === "z") { event.preventDefault(); this.undo(); }
      event.stopPropagation(); // a key pressed here is no shortcut of the page
    });
  }

  update(data, send) {
    this.send = send;
    if (this.side !== data.side) {
      this.side = data.side;
      this.canvas.width = this.canvas.height = data.side * CELL;
      this.pen = data.pen * data.side * CELL;
      this.context = this.canvas.getContext("2d", { willReadFrequently: true });
    }
    if (this.revision !== data.revision) {
      if (this.revision !== undefined) this.remember();
      this.revision = data.revision;
      this.show(data.pixels);
      this.foreign = true;
    }
    this.buttons();
  }

  // ---- drawing

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    const scale = this.canvas.width / box.width;
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
  }

  down(event) {
    if (this.pointer !== undefined || event.button > 0) return; // a second finger draws nothing
    event.preventDefault();
    this.pointer = event.pointerId;
    try { this.canvas.setPointerCapture(event.pointerId); } catch { /* the pointer is gone already */ }
    this.remember();
    if (this.foreign) this.wipe();
    this.foreign = false;
    this.at = this.place(event);
    this.line(this.at);
    this.buttons();
  }

  move(event) {
    if (event.pointerId !== this.pointer) return;
    event.preventDefault();
    const events = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
    for (const one of events.length ? events : [event]) this.line(this.place(one));
  }

  line(to) {
    const c = this.context;
    c.lineCap = c.lineJoin = "round";
    c.lineWidth = this.pen;
    c.strokeStyle = "#000";
    c.beginPath();
    c.moveTo(...this.at);
    c.lineTo(to[0] + 0.01, to[1]); // a point has a length, so that it is drawn
    c.stroke();
    this.at = to;
  }

  up(event) {
    if (event.pointerId !== this.pointer) return;
    this.pointer = undefined;
    this.tell();
  }

  // ---- the sheet as numbers

  show(pixels) {
    this.wipe();
    if (!pixels) return;
    const { width } = this.canvas;
    const image = this.context.createImageData(width, width);
    for (let y = 0; y < width; y++) {
      for (let x = 0; x < width; x++) {
        image.data[(y * width + x) * 4 + 3] = pixels[Math.floor(y / CELL) * this.side + Math.floor(x / CELL)];
      }
    }
    this.context.putImageData(image, 0, 0);
  }

  numbers() {
    const { width } = this.canvas;
    const { data } = this.context.getImageData(0, 0, width, width);
    const sums = new Array(this.side * this.side).fill(0);
    for (let y = 0; y < width; y++) {
      for (let x = 0; x < width; x++) sums[Math.floor(y / CELL) * this.side + Math.floor(x / CELL)] += data[(y * width + x) * 4 + 3];
    }
    return sums.map((sum) => Math.round(sum / (CELL * CELL)));
  }

  tell() {
    this.buttons();
    this.send({ sequence: ++this.sequence, pixels: this.numbers() });
  }

  wipe() { this.context.clearRect(0, 0, this.canvas.width, this.canvas.width); }

  empty() {
    const { data } = this.context.getImageData(0, 0, this.canvas.width, this.canvas.width);
    for (let k = 3; k < data.length; k += 4) if (data[k]) return false;
    return true;
  }

  // ---- undo and clear

  remember() {
    this.past.push([this.context.getImageData(0, 0, this.canvas.width, this.canvas.width), this.foreign]);
    if (this.past.length > KEEP) this.past.shift();
  }

  undo() {
    const last = this.past.pop();
    if (!last || this.pointer !== undefined) return;
    this.context.putImageData(last[0], 0, 0);
    this.foreign = last[1];
    this.tell();
  }

  clear() {
    if (this.pointer !== undefined || this.empty()) return;
    this.remember();
    this.wipe();
    this.foreign = false;
    this.tell();
  }

  buttons() {
    const empty = this.empty();
    this.hint.hidden = !empty;
    this.undoButton.disabled = !this.past.length;
    this.clearButton.disabled = empty;
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".sheet");
  root.sheet ??= new Sheet(root);
  root.sheet.update(data, (message) => setTriggerValue("drawing", message));
}
