// A number on its way through the drawn cell. It glides along the wires, rests where something happens to it, and the
// sentence that it is at is lit. It can be paused, and led from place to place by hand; with "reduce motion" it only jumps,
// and only when asked.

const SPEED = 55; // of the drawing's units a second
const REST = 2600; // milliseconds at the end of a leg
const SVG = "http://www.w3.org/2000/svg";

const length = (points) => points.slice(1).reduce((sum, [x, y], k) => sum + Math.hypot(x - points[k][0], y - points[k][1]), 0);
function along(points, way) {
  for (let k = 1; k < points.length; k++) {
    const [[ax, ay], [bx, by]] = [points[k - 1], points[k]];
    const part = Math.hypot(bx - ax, by - ay);
    if (way <= part || k === points.length - 1) {
      const share = part ? Math.min(way / part, 1) : 1;
      return [ax + (bx - ax) * share, ay + (by - ay) * share];
    }
    way -= part;
  }
}

class Journey {
  constructor(root) {
    this.root = root;
    this.at = 0; // which leg
    this.way = 0; // how far on it
    this.rested = 0;
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.playing = !this.still.matches;
    [this.play, this.next] = root.querySelectorAll("button");
    this.play.onclick = () => { this.playing = !this.playing; this.run(); };
    this.next.onclick = () => { this.playing = false; this.go(this.way >= this.whole() ? this.at + 1 : this.at, Infinity); };
    this.still.onchange = () => { if (this.still.matches) { this.playing = false; this.run(); } };
    root.addEventListener("keydown", (event) => event.stopPropagation()); // a key pressed here is no shortcut of the page
  }

  update({ svg, sentences, legs }) {
    const told = JSON.stringify([svg, sentences, legs]);
    if (this.told === told) return;
    this.told = told;
    this.legs = legs;
    this.root.querySelector("ol").innerHTML = sentences.map((text) => `<li>${text}</li>`).join("");
    this.root.querySelector(".picture").innerHTML = svg;
    this.traveller = document.createElementNS(SVG, "g");
    this.traveller.classList.add("traveller");
    this.traveller.dataset.looksIgnore = ""; // it passes over what it passes
    this.traveller.setAttribute("aria-hidden", "true");
    this.traveller.innerHTML = '<rect rx="9" height="20" y="-10"></rect><text y="4.5"></text>';
    this.root.querySelector("svg").append(this.traveller);
    this.at %= legs.length;
    this.show();
    this.run();
  }

  whole() { return length(this.legs[this.at].points); }

  go(leg, way) {
    this.at = leg % this.legs.length;
    this.way = Math.min(way, this.whole());
    this.rested = 0;
    this.show();
    this.run();
  }

  run() {
    this.play.hidden = this.still.matches;
    this.play.textContent = this.playing ? "Pause" : "Play";
    cancelAnimationFrame(this.frame);
    let before = null;
    const tick = (now) => {
      if (!this.playing) return;
      const passed = Math.min(now - (before ?? now), 100); // a hidden tab does not catch up
      before = now;
      if (this.way < this.whole()) this.way = Math.min(this.way + SPEED * passed / 1000, this.whole());
      else if ((this.rested += passed) > REST) { this.at = (this.at + 1) % this.legs.length; this.way = this.rested = 0; }
      this.show();
      this.frame = requestAnimationFrame(tick);
    };
    if (this.playing) this.frame = requestAnimationFrame(tick);
  }

  show() {
    const { points, label, tells, sentence } = this.legs[this.at];
    const [x, y] = along(points, this.way);
    const [pill, text] = this.traveller.children;
    if (this.shown !== this.at) {
      this.shown = this.at;
      text.textContent = label;
      this.wide = label.length * 7.6 + 14;
      pill.setAttribute("width", this.wide);
      pill.setAttribute("x", -this.wide / 2);
      this.root.querySelector(".tells").textContent = `${label}: ${tells}`;
      this.root.querySelectorAll("li").forEach((item, k) => {
        if (k === sentence) item.setAttribute("aria-current", "step");
        else item.removeAttribute("aria-current");
      });
    }
    const { width } = this.root.querySelector("svg").viewBox.baseVal;
    const middle = Math.min(Math.max(x, this.wide / 2), width - this.wide / 2); // within the drawing
    this.traveller.setAttribute("transform", `translate(${middle.toFixed(1)} ${y.toFixed(1)})`);
  }
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".journey");
  root.journey ??= new Journey(root);
  root.journey.update(data);
  return () => { root.journey.playing = false; };
}
