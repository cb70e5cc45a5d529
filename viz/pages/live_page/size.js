// The size of the drawing: fitted to its frame, as large as drawn, or in between.

const ZOOM = 1.25, POINT = 4 / 3; // in pixels
const MIN_HEIGHT = 300, MAX_HEIGHT = 640, MIN_WIDTH = 300; // of a fitted drawing's frame
let scale = null; // null: fitted

const shownFigure = () => figures.get(state.view) ?? document.createElement("figure");

/** Set the size of the shown drawing; a fitted one is seen whole, but not enlarged more than twice. */
function resize() {
  const svg = shownFigure().querySelector("svg");
  if (!svg) return;
  const { width, height } = svg.viewBox.baseVal, isFull = document.fullscreenElement !== null;
  const room = isFull ? innerHeight * 0.75 : Math.max(MIN_HEIGHT, Math.min(innerHeight * 0.7, MAX_HEIGHT));
  const fitted = Math.min(isFull ? 4 : 2, (byId("graph").clientWidth - 2) / width, Math.max(room / height, MIN_WIDTH / width));
  const used = Math.max(scale ?? fitted, 0.1);
  setAttribute(svg, "width", String(width * used));
  setAttribute(svg, "height", String(height * used));
  svg.dataset.scale = used;
}

function setScale(newScale) {
  scale = newScale;
  resize();
}
const scaleNow = () => Number(shownFigure().querySelector("svg")?.dataset.scale ?? 1);
byId("fit").addEventListener("click", () => setScale(null));
byId("full").addEventListener("click", () => setScale(POINT));
byId("larger").addEventListener("click", () => setScale(scaleNow() * ZOOM));
byId("smaller").addEventListener("click", () => setScale(scaleNow() / ZOOM));
addEventListener("resize", resize);
