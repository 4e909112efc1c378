// Small digits side by side. Pictures that have not changed are not drawn again: only their captions are.

function picture(text, side) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const bytes = atob(text);
  const context = canvas.getContext("2d");
  const image = context.createImageData(side, side);
  for (let k = 0; k < side * side; k++) {
    const grey = 255 - bytes.charCodeAt(k);
    image.data.set([grey, grey, grey, 255], 4 * k);
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".digits");
  const drawn = JSON.stringify([data.pixels, data.clickable]);
  if (root.drawn !== drawn) {
    root.drawn = drawn;
    root.replaceChildren(...data.pixels.map((pixels, index) => {
      const card = document.createElement(data.clickable ? "button" : "div");
      card.className = "card";
      if (data.clickable) { card.type = "button"; card.onclick = () => setTriggerValue("choose", index); }
      card.append(picture(pixels, data.side), document.createElement("span"));
      return card;
    }));
  }
  [...root.children].forEach((card, index) => {
    const [label, guess, sure] = data.facts[index];
    const right = label === guess;
    card.classList.toggle("wrong", !right);
    card.setAttribute("aria-label", `a ${label}, taken for a ${guess}, ${Math.round(sure * 100)} % sure`);
    if (data.clickable) card.setAttribute("aria-pressed", String(index === data.chosen));
    card.querySelector("span").textContent = `${right ? "" : "✗ "}${guess} · ${Math.round(sure * 100)} %`;
  });
}
