// The size of the drawing: fitted to its frame, as large as drawn, or in between.

const ZOOM = 1.25;
let scale = null; // null: fitted

/** Set the size of the shown drawing; a fitted one is seen whole, but not enlarged more than twice. */
function resize() {
  const frame = byId("graph"), svg = document.querySelector(`figure[data-view="${state.view}"] svg`);
  if (!svg) return;
  const { width, height } = svg.viewBox.baseVal, room = Math.max(240, Math.min(innerHeight * 0.7, 640));
  const fitted = Math.min(2, (frame.clientWidth - 2) / width, Math.max(room / height, 300 / width));
  const used = scale ?? fitted;
  svg.setAttribute("width", width * used);
  svg.setAttribute("height", height * used);
  svg.setAttribute("data-scale", used);
}

const setScale = (change) => () => {
  const svg = document.querySelector(`figure[data-view="${state.view}"] svg`);
  if (svg) scale = change(Number(svg.dataset.scale));
  resize();
};
byId("fit").addEventListener("click", setScale(() => null));
byId("full").addEventListener("click", setScale(() => 4 / 3)); // points as pixels
byId("larger").addEventListener("click", setScale((now) => now * ZOOM));
byId("smaller").addEventListener("click", setScale((now) => now / ZOOM));
addEventListener("resize", resize);
