// The desk of Gate arithmetic: sliders and number fields for every weight, the inputs and the start, drawn while they move.
//
// One message at a time is on its way: the next is sent when the server has answered the last (`data.ack`), so that a
// drag is drawn as fast as the server draws and never piles up. `data.revision` changes when the server sets the values
// itself (a preset, undo, a link); otherwise the desk keeps what the reader's hand is doing.

const GATES = ["f", "i", "g", "o"];
const KINDS = ["W", "U", "b"];

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

const clean = (value) => String(+(+value).toFixed(4));
const clip = (value, [low, high]) => Math.min(high, Math.max(low, value));

class Desk {
  constructor(root) {
    this.root = root;
    this.sequence = 0;
    this.waiting = 0; // sequence number of the message on its way, 0 when there is none
    this.pending = null; // what to send after that
    for (const event of ["pointerover", "focusin"]) root.addEventListener(event, (e) => this.explain(e));
    root.addEventListener("keydown", (e) => e.stopPropagation()); // a key pressed here is no shortcut of the page
  }

  update(data, send) {
    this.data = data;
    this.sendToServer = send;
    if (data.ack >= this.waiting) this.waiting = 0;
    if (this.pending && !this.waiting) this.flush();
    if (this.revision !== data.revision) {
      this.revision = data.revision;
      this.values = structuredClone(data.values);
      this.build();
    }
    this.markStep();
    for (const node of this.root.querySelectorAll("output")) node.textContent = data.live[node.dataset.of];
  }

  // ---- sending

  tell(name, done) {
    this.pending = { name, done: done || Boolean(this.pending && this.pending.done) };
    if (!this.waiting) this.flush();
  }

  flush() {
    const { name, done } = this.pending;
    this.pending = null;
    this.waiting = ++this.sequence;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { // an answer got lost: do not wait for ever
      this.waiting = 0;
      if (this.pending) this.flush();
    }, 3000);
    this.sendToServer({ sequence: this.sequence, name, done, values: this.values });
  }

  // ---- drawing

  build() {
    const grid = element("div", { class: "grid" });
    for (const gate of GATES) {
      const row = element("div", { class: "row", "data-gate": gate });
      row.append(this.name(gate));
      for (const kind of KINDS) row.append(this.weight(gate, kind));
      row.append(this.holder(gate));
      grid.append(row);
    }
    const start = element("div", { class: "row start" }, this.name("start"));
    start.append(this.control("h0", "h₀"), this.control("c0", "C₀"), this.control("v", "V"), element("div", { class: "hold" }));
    grid.append(start);

    this.inputs = element("div", { class: "inputs" });
    this.buildInputs();
    this.help = element("p", { class: "help", "aria-live": "polite" }, this.data.help[""]);
    this.root.replaceChildren(grid, this.inputs, this.help);
  }

  explain(event) {
    const named = event.target.closest("[data-help]");
    const text = this.data.help[named ? named.dataset.help : ""];
    if (text && this.help.textContent !== text) this.help.textContent = text;
  }

  // What a row is about, and what it comes to at the step on show.
  name(of) {
    return element("div", { class: "name" }, element("span", {}, this.data.names[of]), element("output", { "data-of": of }));
  }

  weight(gate, kind) {
    return this.pair(`${kind} of gate ${gate}`, kind, kind + gate, this.data.ranges.weight, this.data.steps.weight,
      () => this.values[kind][gate], (value) => { this.values[kind][gate] = value; });
  }

  control(name, label) {
    return this.pair(label, label, name, this.data.ranges[name], this.data.steps[name],
      () => this.values[name], (value) => { this.values[name] = value; });
  }

  // A number field and a slider that say the same.
  pair(spoken, label, name, range, step, get, set) {
    const [low, high] = range;
    const field = element("input", { type: "number", inputmode: "decimal", step, min: low, max: high, "aria-label": spoken });
    const slider = element("input", { type: "range", step, min: low, max: high, "aria-label": spoken, "data-name": name });
    field.value = clean(get());
    slider.value = get();
    slider.oninput = () => { field.value = clean(slider.value); set(+slider.value); this.tell(name, false); };
    slider.onchange = () => { set(+slider.value); this.tell(name, true); };
    field.onchange = () => {
      const value = this.accept(field, spoken, range, get());
      slider.value = value;
      set(value);
      this.tell(name, true);
    };
    const head = element("label", {}, element("span", {}, label), field);
    return element("div", { class: "pair", "data-help": name }, head, slider);
  }

  // What was typed, moved into its range; the line below says so when that changed it.
  accept(field, name, range, before) {
    const typed = field.value.trim();
    const value = typed === "" || !isFinite(typed) ? before : clip(+typed, range);
    field.value = clean(value);
    if (typed === "") this.help.textContent = `${name} must be a number, so it stays at ${clean(value)}.`;
    else if (+typed !== value) this.help.textContent = `${name} goes from ${range[0]} to ${range[1]}, so ${typed} became ${clean(value)}.`;
    return value;
  }

  holder(gate) {
    const group = element("div", { class: "hold", role: "group", "aria-label": `hold gate ${gate}`, "data-help": "hold" });
    group.append(element("span", {}, "hold"));
    for (const value of [0, 1]) {
      const button = element("button", { type: "button", "aria-label": `hold gate ${gate} at ${value}` }, String(value));
      const show = () => button.setAttribute("aria-pressed", String(this.values.clamp[gate] === value));
      button.onclick = () => {
        if (this.values.clamp[gate] === value) delete this.values.clamp[gate];
        else this.values.clamp[gate] = value;
        for (const other of group.querySelectorAll("button")) other.show();
        this.tell("hold " + gate, true);
      };
      button.show = show;
      show();
      group.append(button);
    }
    return group;
  }

  buildInputs() {
    const { x } = this.values;
    const range = this.data.ranges.x;
    const nodes = [element("div", { class: "name" }, "inputs x")];
    x.forEach((value, index) => {
      const field = element("input", { type: "number", inputmode: "decimal", step: "any", min: range[0], max: range[1],
        "aria-label": `input of step ${index + 1}` });
      field.value = clean(value);
      field.onchange = () => {
        x[index] = this.accept(field, `the input of step ${index + 1}`, range, x[index]);
        this.tell("x" + (index + 1), true);
      };
      const chip = element("div", { class: "chip", "data-help": "x" }, field);
      if (x.length > 1) {
        const remove = element("button", { type: "button", "aria-label": `remove step ${index + 1}`, title: "remove this step" }, "×");
        remove.onclick = () => { x.splice(index, 1); this.changeLength(); };
        chip.append(remove);
      }
      nodes.push(chip);
    });
    if (x.length < this.data.max_steps) {
      const add = element("button", { type: "button", class: "add", "aria-label": "add a step", "data-help": "add" }, "+ step");
      add.onclick = () => { x.push(x[x.length - 1]); this.changeLength(); };
      nodes.push(add);
    }
    this.inputs.replaceChildren(...nodes);
  }

  changeLength() {
    this.buildInputs();
    this.markStep();
    this.tell("length", true);
  }

  markStep() {
    this.inputs.querySelectorAll(".chip").forEach((chip, index) => chip.classList.toggle("now", index + 1 === this.data.t));
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".desk");
  root.desk ??= new Desk(root);
  root.desk.update(data, (message) => setTriggerValue("edit", message));
}
