// What a reader would see wrong on a page: text that is cut off, text that lies on other text. Looks into shadow roots too.
() => {
  const main = document.querySelector('[data-testid="stMain"]');
  const LEAST = 4; // pixels that are not worth a word
  const above = (node) => node.assignedSlot ?? node.parentElement ?? node.getRootNode().host ?? null;
  const clips = (style) => /hidden|clip/.test(style.overflowX) || /hidden|clip/.test(style.overflowY);
  const scrolls = (style) => /auto|scroll/.test(style.overflowX) || /auto|scroll/.test(style.overflowY);

  // Of every run of text: its words, its boxes, and what is around it.
  function* texts(root) {
    for (const node of root.childNodes) {
      if (node.nodeType === Node.TEXT_NODE) { if (node.data.trim()) yield node; continue; }
      if (node.nodeType !== Node.ELEMENT_NODE) continue;
      if (/^(SCRIPT|STYLE|TITLE|DESC|NOSCRIPT|OPTION|TEXTAREA)$/i.test(node.tagName)) continue;
      if (node.shadowRoot) yield* texts(node.shadowRoot);
      yield* texts(node);
    }
  }
  const found = [];
  for (const node of texts(main)) {
    const parent = node.parentElement ?? node.getRootNode().host;
    if (!parent.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true })) continue;
    if (parent.closest('.katex-mathml, [data-testid="stTooltipContent"], [data-looks-ignore]')) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const size = parseFloat(getComputedStyle(parent).fontSize);
    const boxes = [...range.getClientRects()].filter((box) => box.width > 1 && box.height > 1).map((box) => {
      // of a line the letters themselves, without the space between lines
      const middle = (box.top + box.bottom) / 2, half = Math.min(box.height, size * 0.8) / 2;
      return { left: box.left, right: box.right, top: middle - half, bottom: middle + half };
    });
    if (!boxes.length) continue;
    let cut = "", visible = true, fixed = false, scrolled = false;
    for (let around = parent; around && around !== main; around = above(around)) {
      const style = getComputedStyle(around);
      if (/fixed|sticky/.test(style.position)) fixed = true;
      const drawing = around.tagName.toLowerCase() === "svg";
      if (scrolls(style)) scrolled = true; // what is outside can be scrolled to
      if (!scrolled && (clips(style) || (drawing && style.overflow !== "visible"))) {
        const edge = around.getBoundingClientRect();
        if (edge.width <= 1 || edge.height <= 1) { visible = false; break; } // for screen readers alone
        for (const box of boxes) {
          const over = Math.max(edge.left - box.left, box.right - edge.right,
            style.overflowY === "visible" ? 0 : Math.max(edge.top - box.top, box.bottom - edge.bottom));
          if (over > LEAST) cut = `by ${Math.round(over)} px`;
        }
        if (style.textOverflow === "ellipsis" && around.scrollWidth > around.clientWidth + 1) cut = "to an ellipsis";
      }
    }
    if (visible) found.push({ node, parent, boxes, cut, fixed, scrolled, words: node.data.trim().slice(0, 60) });
  }
  // What stands in a field is text too.
  function* fields(root) {
    for (const node of root.querySelectorAll("*")) {
      if (node.shadowRoot) yield* fields(node.shadowRoot);
      if (node.matches('input:is([type="number"], [type="text"], :not([type]))') && node.value && node.checkVisibility({ opacityProperty: true, visibilityProperty: true })) yield node;
    }
  }
  for (const node of fields(main)) {
    const box = node.getBoundingClientRect();
    if (box.width < 5 || box.height < 5) continue;
    const cut = node.scrollWidth > node.clientWidth + 1 ? "to its field" : "";
    found.push({ node, parent: node.parentElement ?? node.getRootNode().host, boxes: [{ left: box.left, right: box.right, top: box.top + 2, bottom: box.bottom - 2 }],
      cut, fixed: false, scrolled: false, words: node.value.slice(0, 60) });
  }
  const where = (one) => {
    const test = [];
    for (let around = one.parent; around && around !== main; around = above(around)) {
      if (around.dataset?.testid) test.push(around.dataset.testid);
      for (const name of around.classList ?? []) if (name.startsWith("st-key-")) test.push(name.slice(7));
    }
    return [...new Set(test)].slice(0, 3).join(" < ");
  };
  const cut = found.filter((one) => one.cut).map((one) => `“${one.words}” is cut ${one.cut} (${where(one)})`);
  // A word that sticks out of the page can be seen only by scrolling sideways.
  const wide = main.getBoundingClientRect();
  for (const one of found) if (!one.scrolled && one.boxes.some((box) => box.right > wide.right + LEAST)) cut.push(`“${one.words}” leaves the page (${where(one)})`);

  const over = [];
  // Of tilted letters the boxes overlap where the letters do not.
  const tilted = (one) => one.parent.getScreenCTM && Math.abs(one.parent.getScreenCTM().b) > 0.01;
  const flat = found.filter((one) => !one.fixed && !one.scrolled && !tilted(one)).flatMap((one) => one.boxes.map((box) => ({ one, ...box })));
  flat.sort((a, b) => a.top - b.top);
  for (let i = 0; i < flat.length; i++) {
    for (let j = i + 1; j < flat.length && flat[j].top < flat[i].bottom - LEAST; j++) {
      const [a, b] = [flat[i], flat[j]];
      if (a.one === b.one || a.one.parent.closest(".katex") && b.one.parent.closest(".katex") === a.one.parent.closest(".katex")) continue;
      const x = Math.min(a.right, b.right) - Math.max(a.left, b.left), y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (x > LEAST && y > LEAST) over.push(`“${a.one.words}” lies on “${b.one.words}” (${where(a.one)})`);
    }
  }
  return { cut: [...new Set(cut)], over: [...new Set(over)], sideways: document.documentElement.scrollWidth - innerWidth,
    wider: main.scrollWidth - main.clientWidth, height: main.scrollHeight, texts: found.length };
}
