// A drawing or a sheet of formulas, made by the lab, on a page. When the next one has the same elements, only their
// attributes and words change: values glide instead of flickering.
//
// Whatever carries data-part lights up together, wherever on the page it stands: pointing at a term of a formula lights
// its wire, and the other way round. The mounts tell each other through one event of the document; the server is not asked.
//
//   data-part="f@2 z@2"   the names under which an element lights up
//   data-lights="…"       the names it lights, where they are not all of its own
//   data-says="…"         what a line below says while it is lit
//   data-step="2"         of several such sections, the one whose step is pointed at (data-t) or else chosen is shown
//   data-choose="…"       a click or Enter sends this to the server
//   data-order="3"        its turn when the drawing is filled, after data.animate has changed

const EVENT = "lab:part";
const TURN = 140; // milliseconds between two turns

function morph(from, to) {
  for (const {name} of [...from.attributes]) if (!to.hasAttribute(name)) from.removeAttribute(name);
  for (const {name, value} of to.attributes) if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  if (from.childNodes.length === to.childNodes.length) {
    for (let k = 0; k < to.childNodes.length; k++) {
      const [a, b] = [from.childNodes[k], to.childNodes[k]];
      if (b.nodeType === Node.ELEMENT_NODE) morph(a, b);
      else if (a.textContent !== b.textContent) a.textContent = b.textContent;
    }
  }
}
const shape = (node) => node.nodeType === Node.ELEMENT_NODE
  ? node.tagName + "(" + [...node.childNodes].map(shape).join() + ")" : "#";

class Sheet {
  constructor(root) {
    this.root = root;
    this.listen = (event) => this.light(event.detail);
    root.addEventListener("pointerover", (e) => this.point(e.target, e.pointerType));
    root.addEventListener("pointerleave", (e) => { if (e.pointerType !== "touch") tell(NOTHING); });
    root.addEventListener("focusin", (e) => this.point(e.target, "keyboard"));
    root.addEventListener("focusout", () => tell(NOTHING));
    root.addEventListener("click", (e) => this.choose(e.target));
    root.addEventListener("keydown", (e) => {
      if (e.key !== "Enter" && e.key !== " ") return;
      if (this.choose(e.target)) e.preventDefault();
    });
  }

  update(data, send) {
    this.send = send;
    this.data = data;
    const parsed = new DOMParser().parseFromString(data.svg ?? data.html, "text/html").body;
    const place = this.root.querySelector(".drawing");
    if (shape(place).replace(/^DIV/, "") === shape(parsed).replace(/^BODY/, "")) {
      for (let k = 0; k < parsed.childNodes.length; k++) if (parsed.childNodes[k].nodeType === 1) morph(place.childNodes[k], parsed.childNodes[k]);
    } else {
      place.replaceChildren(...[...parsed.childNodes].map((node) => document.importNode(node, true)));
    }
    this.says = this.root.querySelector(".says");
    this.says.hidden = !data.says;
    this.says.textContent = data.says || "";
    this.light(latest); // what is pointed at stays lit when new numbers arrive
    if (data.animate !== undefined && this.animated !== data.animate) {
      if (this.animated !== undefined) this.fill(data.backwards);
      this.animated = data.animate;
    }
  }

  // Left to right, or right to left: each element when it is its turn.
  fill(backwards) {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const nodes = [...this.root.querySelectorAll("[data-order]")];
    const last = Math.max(...nodes.map((node) => +node.dataset.order));
    for (const node of nodes) {
      const turn = backwards ? last - +node.dataset.order : +node.dataset.order;
      node.animate([{ opacity: 0.08 }, { opacity: 1 }], { duration: 260, delay: turn * TURN, fill: "backwards" });
    }
  }

  point(target, by) {
    const node = target.closest && target.closest("[data-part]");
    if (node) tell({ parts: (node.dataset.lights ?? node.dataset.part).split(" "), t: node.dataset.t ?? null, says: node.dataset.says || "" });
    else if (by === "mouse" || by === "pen") tell(NOTHING);
  }

  choose(target) {
    const node = target.closest && target.closest("[data-choose]");
    if (node && this.send) this.send(node.dataset.choose);
    return Boolean(node);
  }

  light(detail) {
    latest = detail;
    const { parts, t, says } = detail;
    const wanted = new Set(parts);
    let found = says;
    for (const node of this.root.querySelectorAll("[data-part]")) {
      const lit = node.dataset.part.split(" ").some((part) => wanted.has(part));
      node.classList.toggle("lit", lit);
      if (lit && !found) found = node.dataset.says || "";
    }
    this.section(t);
    if (this.data.says) this.says.textContent = found || this.data.says;
  }

  section(t) {
    const sections = [...this.root.querySelectorAll("[data-step]")];
    const wanted = sections.some((node) => node.dataset.step === t) ? t : String(this.data.step);
    for (const node of sections) node.hidden = node.dataset.step !== wanted;
  }
}

const NOTHING = { parts: [], t: null, says: "" };
let latest = NOTHING; // what was told last, by whomever

function tell(detail) {
  if (JSON.stringify(latest) === JSON.stringify(detail)) return;
  document.dispatchEvent(new CustomEvent(EVENT, { detail }));
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".sheet");
  root.sheet ??= new Sheet(root);
  document.removeEventListener(EVENT, root.sheet.listen);
  document.addEventListener(EVENT, root.sheet.listen);
  root.sheet.update(data, (chosen) => setTriggerValue("choose", chosen));
  return () => document.removeEventListener(EVENT, root.sheet.listen);
}
