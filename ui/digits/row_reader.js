// A digit and what a network believes while it reads it: the picture, uncovered step by step, and beside it one column for each
// of the ten digits, whose bars are the probabilities after every step. Stepping and playing happen here, without the server.

const SVG = "http://www.w3.org/2000/svg";
const PICTURE = 280; // of the drawing's units, also the height of the chart
const GAP = 14;
const COLUMN = 30;
const TOP = 22; // digits above the columns
const BOTTOM = 74; // bars of the present step below
const PLAY_MS = 2600; // for a whole digit

function make(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

const percent = (p) => (p >= 0.995 ? ">99" : String(Math.round(p * 100))); // a softmax never says 100

class Reading {
  constructor(root) {
    this.root = root;
    this.figure = root.querySelector(".figure");
    this.words = root.querySelector(".words");
    this.slider = root.querySelector("input");
    this.playButton = root.querySelector(".play");
    root.querySelector(".back").onclick = () => this.jump(this.t - 1);
    root.querySelector(".forth").onclick = () => this.jump(this.t + 1);
    this.playButton.onclick = () => (this.timer ? this.stop() : this.play());
    this.slider.oninput = () => this.jump(+this.slider.value);
    // A mouse over the picture looks ahead or back; a click stays there.
    this.figure.addEventListener("pointermove", (event) => {
      if (event.pointerType !== "mouse" || this.timer) return;
      this.left ??= this.t;
      this.point(event);
    });
    this.figure.addEventListener("pointerleave", () => {
      if (this.left !== undefined && !this.timer) this.show(this.left);
      this.left = undefined;
    });
    this.figure.addEventListener("click", (event) => {
      this.point(event);
      this.left = this.t;
    });
    root.addEventListener("keydown", (event) => event.stopPropagation());
  }

  update(data) {
    const fresh = data.revision !== this.revision;
    this.data = data;
    if (!fresh) return;
    const first = this.revision === undefined;
    this.revision = data.revision;
    this.left = undefined;
    this.stop();
    this.steps = data.belief.length;
    this.slider.max = this.steps;
    this.build();
    const play = first && data.play && !matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.show(play ? 0 : this.steps);
    if (play) this.play();
  }

  // ---- time

  jump(t) { this.stop(); this.show(Math.min(Math.max(t, 0), this.steps)); }

  play() {
    const from = this.t >= this.steps ? 0 : this.t;
    const began = performance.now() - (from / this.steps) * PLAY_MS;
    const tick = (now) => {
      const t = Math.floor(((now - began) / PLAY_MS) * this.steps);
      if (t >= this.steps) this.stop();
      this.show(Math.min(Math.max(t, 0), this.steps));
      if (t < this.steps) this.timer = requestAnimationFrame(tick);
    };
    this.playButton.textContent = "❚❚ Pause";
    this.words.setAttribute("aria-live", "off"); // nobody wants to hear every row
    this.timer = requestAnimationFrame(tick);
  }

  stop() {
    cancelAnimationFrame(this.timer);
    this.timer = null;
    this.playButton.textContent = "▶ Play";
    this.words.setAttribute("aria-live", "polite");
  }

  point(event) {
    const box = this.svg.getBoundingClientRect();
    const scale = this.width / box.width;
    const x = (event.clientX - box.left) * scale, y = (event.clientY - box.top) * scale - TOP;
    if (y < 0 || y > PICTURE + 4) return;
    const across = x < PICTURE && this.data.reading === "columns" ? x : y;
    this.jump(Math.ceil((across / PICTURE) * this.steps));
  }

  // ---- drawing

  build() {
    const { side, pixels, reading, belief } = this.data;
    const left = PICTURE + GAP;
    this.width = left + 10 * COLUMN;
    const height = TOP + PICTURE + BOTTOM;
    const cell = PICTURE / side, high = PICTURE / this.steps;

    const picture = make("g", { transform: `translate(0 ${TOP})`, "shape-rendering": "crispEdges" });
    picture.append(make("rect", { width: PICTURE, height: PICTURE, class: "paper" }));
    pixels.forEach((value, k) => {
      if (value) {
        picture.append(make("rect", { x: (k % side) * cell, y: Math.floor(k / side) * cell, width: cell, height: cell,
          class: "ink", "fill-opacity": (value / 255).toFixed(3) }));
      }
    });
    this.cover = make("path", { class: "cover" });
    this.mark = make("path", { class: "mark" });
    picture.append(this.cover, this.mark);
    picture.append(make("text", { x: PICTURE / 2, y: PICTURE + 18, class: "share" }, `what the network gets: ${side} × ${side} pixels`));

    const chart = make("g", { transform: `translate(${left} ${TOP})` });
    this.heads = [];
    this.bars = [];
    for (let d = 0; d < 10; d++) {
      const x = d * COLUMN;
      chart.append(make("rect", { x: x + 1, y: 0, width: COLUMN - 2, height: PICTURE, class: "lane" }));
      const head = make("text", { x: x + COLUMN / 2, y: -7, class: "head" }, String(d));
      chart.append(head);
      this.heads.push(head);
    }
    this.lines = belief.map((row, t) => {
      const line = make("g", { class: "line" });
      const best = row.indexOf(Math.max(...row));
      row.forEach((p, d) => {
        if (p > 0.004) {
          line.append(make("rect", { x: d * COLUMN + 1, y: t * high, width: Math.max(p * (COLUMN - 2), 0.6), height: high + 0.3,
            class: d === best ? "best" : "other" }));
        }
      });
      chart.append(line);
      return line;
    });
    this.rule = make("path", { class: "mark" });
    chart.append(this.rule);
    const base = PICTURE + 58;
    chart.append(make("line", { x1: 0, x2: 10 * COLUMN, y1: base, y2: base, class: "base" }));
    for (let d = 0; d < 10; d++) {
      const bar = make("rect", { x: d * COLUMN + 5, width: COLUMN - 10 });
      const text = make("text", { x: d * COLUMN + COLUMN / 2, y: base + 14, class: "share" });
      chart.append(bar, text);
      this.bars.push([bar, text, base]);
    }
    this.svg = make("svg", { viewBox: `0 0 ${this.width} ${height}`, role: "img" }, picture, chart);
    this.figure.replaceChildren(this.svg);
  }

  show(t) {
    this.t = t;
    const { reading, side, belief, step } = this.data;
    const share = (t / this.steps) * PICTURE;
    const cell = PICTURE / side;
    if (reading === "columns") {
      this.cover.setAttribute("d", `M${share} 0H${PICTURE}V${PICTURE}H${share}Z`);
      this.mark.setAttribute("d", `M${share} 0V${PICTURE}`);
    } else if (reading === "pixels") {
      const row = Math.floor(t / side) * cell, x = (t % side) * cell;
      this.cover.setAttribute("d", `M${x} ${row}H${PICTURE}V${PICTURE}H0V${row + cell}H${x}Z`);
      this.mark.setAttribute("d", t < this.steps ? `M${x} ${row}v${cell}` : "");
    } else {
      this.cover.setAttribute("d", `M0 ${share}H${PICTURE}V${PICTURE}H0Z`);
      this.mark.setAttribute("d", `M0 ${share}H${PICTURE}`);
    }
    this.rule.setAttribute("d", `M0 ${share}H${10 * COLUMN}`);
    this.lines.forEach((line, k) => line.classList.toggle("ahead", k >= t));
    const row = t ? belief[t - 1] : new Array(10).fill(0);
    const best = t ? row.indexOf(Math.max(...row)) : -1;
    this.bars.forEach(([bar, text, base], d) => {
      bar.setAttribute("y", base - 46 * row[d]);
      bar.setAttribute("height", 46 * row[d]);
      bar.setAttribute("class", d === best ? "best" : "other");
      text.textContent = t ? percent(row[d]) : "";
      this.heads[d].classList.toggle("now", d === best);
    });
    this.slider.value = t;
    const told = t ? `${best}, ${percent(row[best])} %` : "nothing yet";
    const where = t === this.steps ? `after all ${t} ${step}s` : t ? `after ${step} ${t} of ${this.steps}` : `before the first ${step}`;
    this.slider.setAttribute("aria-valuetext", `${where}: ${told}`);
    this.svg.setAttribute("aria-label", `the digit, and the ten probabilities ${where}: ${told}`);
    this.words.replaceChildren();
    const digit = document.createElement("b");
    digit.textContent = t ? String(best) : "?";
    const rest = document.createElement("span");
    rest.textContent = t ? `${percent(row[best])} % sure, ${where}` : where;
    this.words.append(digit, rest);
    Object.assign(this.root.dataset, { t, answer: t ? best : "", revision: this.data.revision });
  }
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".reading");
  root.reading ??= new Reading(root);
  root.reading.update(data);
}
