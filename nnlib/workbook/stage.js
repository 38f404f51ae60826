// The stage of a bench: draws images, lines, markers, words and arrows in data coordinates on one canvas.
// It knows nothing of what they mean; the kernel computes, this file only draws and reports keys and pointers.

const SCALE = 2;          // canvas points to the pixel: sharp on dense screens, shrunk by CSS on others
const SPEAK_EVERY = 800;  // milliseconds between two texts, so that a screen reader can finish

// ---- coordinates: axes = {box: [left, top, width, height], xlim, ylim, log: [x, y]} ----

const along = (value, [low, high], log) =>
  log ? (Math.log(value) - Math.log(low)) / (Math.log(high) - Math.log(low)) : (value - low) / (high - low);

const back = (part, [low, high], log) => (log ? low * (high / low) ** part : low + part * (high - low));

function toPixels({ box, xlim, ylim, log }, x, y) {
  const [left, top, width, height] = box;
  return [left + width * along(x, xlim, log[0]), top + height * (1 - along(y, ylim, log[1]))];
}

function toData({ box, xlim, ylim, log }, px, py) {
  const [left, top, width, height] = box;
  return [back((px - left) / width, xlim, log[0]), back(1 - (py - top) / height, ylim, log[1])];
}

const inside = ({ box: [left, top, width, height] }, [px, py]) =>
  px >= left && px <= left + width && py >= top && py <= top + height;

// ---- primitives: each gets the drawing context, the axes, the layer's header and its numbers ----

const bytes = (view) => view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);

function placed(axes, view) {
  const xy = new Float32Array(bytes(view));
  return Array.from({ length: xy.length / 2 }, (_, i) => toPixels(axes, xy[2 * i], xy[2 * i + 1]));
}

const missing = ([px, py]) => Number.isNaN(px) || Number.isNaN(py);

function image(pen, axes, layer, view) {
  const { rows, columns, extent: [left, right, bottom, top], smooth } = layer;
  const sheet = new OffscreenCanvas(columns, rows);
  sheet.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray(bytes(view)), columns, rows), 0, 0);
  const [x0, y0] = toPixels(axes, left, top);
  const [x1, y1] = toPixels(axes, right, bottom);
  pen.imageSmoothingEnabled = smooth;
  pen.drawImage(sheet, x0, y0, x1 - x0, y1 - y0);
}

function line(pen, axes, layer, view) {
  pen.lineWidth = layer.width;
  pen.setLineDash(layer.dash);
  pen.beginPath();
  let lifted = true;
  for (const point of placed(axes, view)) {
    if (!missing(point)) lifted ? pen.moveTo(...point) : pen.lineTo(...point);
    lifted = missing(point);
  }
  pen.stroke();
}

const shapes = {
  o: (pen, x, y, r) => pen.arc(x, y, r, 0, 2 * Math.PI),
  s: (pen, x, y, r) => pen.rect(x - r, y - r, 2 * r, 2 * r),
  "^": (pen, x, y, r) => polygon(pen, [[x, y - r], [x + r, y + r], [x - r, y + r]]),
  D: (pen, x, y, r) => polygon(pen, [[x, y - 1.4 * r], [x + 1.4 * r, y], [x, y + 1.4 * r], [x - 1.4 * r, y]]),
  x: (pen, x, y, r) => { stroke(pen, x - r, y - r, x + r, y + r); stroke(pen, x - r, y + r, x + r, y - r); },
  "+": (pen, x, y, r) => { stroke(pen, x - r, y, x + r, y); stroke(pen, x, y - r, x, y + r); },
};

function polygon(pen, corners) {
  corners.forEach((corner, i) => (i ? pen.lineTo(...corner) : pen.moveTo(...corner)));
  pen.closePath();
}

function stroke(pen, x0, y0, x1, y1) {
  pen.moveTo(x0, y0);
  pen.lineTo(x1, y1);
}

function markers(pen, axes, layer, view) {
  const open = "x+".includes(layer.marker);
  pen.lineWidth = open ? 2 : 1;
  pen.strokeStyle = open ? layer.color : "white";
  for (const point of placed(axes, view)) {
    if (missing(point)) continue;
    pen.beginPath();
    shapes[layer.marker](pen, ...point, layer.size / 2);
    if (!open) pen.fill();
    pen.stroke();
  }
}

function text(pen, axes, layer, view) {
  pen.font = `${layer.size}px "DejaVu Sans", Verdana, sans-serif`;
  pen.textAlign = layer.align;
  pen.textBaseline = "middle";
  pen.fillText(layer.text, ...placed(axes, view)[0]);
}

function arrow(pen, axes, layer, view) {
  const [[x0, y0], [x1, y1]] = placed(axes, view);
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (length < 1) return;
  const head = Math.min(4 * layer.width, length);
  const [ux, uy] = [(x1 - x0) / length, (y1 - y0) / length];
  const [bx, by] = [x1 - head * ux, y1 - head * uy];
  pen.lineWidth = layer.width;
  pen.beginPath();
  stroke(pen, x0, y0, bx, by);
  pen.stroke();
  pen.beginPath();
  polygon(pen, [[x1, y1], [bx - 0.45 * head * uy, by + 0.45 * head * ux], [bx + 0.45 * head * uy, by - 0.45 * head * ux]]);
  pen.fill();
}

const draw = { image, line, markers, text, arrow };

function paint(pen, axes, still, { layers, buffers }) {
  pen.setTransform(SCALE, 0, 0, SCALE, 0, 0);
  pen.fillStyle = "white";
  pen.fillRect(0, 0, pen.canvas.width, pen.canvas.height);
  const clipped = (layer, i) => {
    pen.save();
    pen.beginPath();
    pen.rect(...axes[layer.axes].box);
    pen.clip();
    pen.fillStyle = pen.strokeStyle = layer.color ?? "black";
    draw[layer.kind](pen, axes[layer.axes], layer, buffers[i]);
    pen.restore();
  };
  layers.forEach((layer, i) => layer.kind === "image" && clipped(layer, i));
  pen.drawImage(still, 0, 0, pen.canvas.width / SCALE, pen.canvas.height / SCALE);
  layers.forEach((layer, i) => layer.kind !== "image" && clipped(layer, i));
}

// ---- words: shown and spoken, at most once in a while, the last one always ----

function speaker(node) {
  let latest = node.textContent, timer = null;
  const say = () => { if (node.textContent !== latest) node.textContent = latest; };
  const speak = (words) => {
    latest = words;
    if (timer !== null) return;
    say();
    timer = setTimeout(() => { timer = null; say(); }, SPEAK_EVERY);
  };
  return { speak, stop: () => clearTimeout(timer) };
}

// ---- what ipywidgets leaves out: a slider's name and the value it shows, for screen readers ----

function nameSliders(box) {
  for (const handle of box?.querySelectorAll(".noUi-handle") ?? []) {
    const slider = handle.closest(".widget-inline-hbox");
    const words = (part) => slider?.querySelector(part)?.textContent ?? "";
    if (handle.getAttribute("aria-label") !== words(".widget-label")) handle.setAttribute("aria-label", words(".widget-label"));
    if (handle.getAttribute("aria-valuetext") !== words(".widget-readout")) handle.setAttribute("aria-valuetext", words(".widget-readout"));
  }
}

// ---- keys and pointer, on a stage one can draw on ----

function listen(canvas, axes, size, send, signal) {
  let before = null;
  const place = (event) => {
    const frame = canvas.getBoundingClientRect();
    return [((event.clientX - frame.left) * size[0]) / frame.width, ((event.clientY - frame.top) * size[1]) / frame.height];
  };
  const report = (event, name) => {
    const point = place(event);
    const number = axes.findIndex((one) => inside(one, point));
    if (number < 0) { before = null; return; }
    const [from, to] = [before ?? point, point].map((p) => toData(axes[number], ...p));
    send({ t: "pointer", event: before ? name : "press", axes: number, from, to });
    before = point;
  };
  const on = (name, act) => canvas.addEventListener(name, act, { signal });
  on("pointerdown", (event) => { before = null; canvas.setPointerCapture(event.pointerId); report(event, "press"); });
  on("pointermove", (event) => { if (event.buttons) report(event, "drag"); });
  on("keydown", (event) => {
    if (!/^Arrow|^ $|^Enter$/.test(event.key) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();  // or the notebook would move to the next cell
    send({ t: "key", key: event.key === " " ? "Space" : event.key });
  });
}

// ---- the widget ----

function build(model, el) {
  const [width, height] = model.get("size");
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: SCALE * width, height: SCALE * height });
  canvas.setAttribute("aria-label", model.get("label"));
  canvas.setAttribute("role", model.get("guide") ? "application" : "img");
  const words = document.createElement("p");
  words.setAttribute("aria-live", "polite");
  words.textContent = model.get("first").text;
  el.classList.add("nnlib-stage");
  el.dataset.bench = model.get("name");
  el.append(canvas);
  if (model.get("guide")) {
    canvas.tabIndex = 0;
    canvas.dataset.lmSuppressShortcuts = "true";
    el.append(Object.assign(document.createElement("p"), { className: "nnlib-guide", textContent: model.get("guide") }));
  }
  el.append(words);
  return { canvas, words };
}

async function render({ model, el }) {
  const { canvas, words } = build(model, el);
  const pen = canvas.getContext("2d");
  const axes = model.get("axes");
  const voice = speaker(words);
  const over = new AbortController();
  const still = await createImageBitmap(new Blob([model.get("still")], { type: "image/png" }));
  let frame = { id: 0, ...model.get("first") }, waiting = false;

  const show = () => {
    waiting = false;
    paint(pen, axes, still, frame);
    nameSliders(el.closest(".nnlib-bench"));
    el.dataset.frame = frame.id;
    if (frame.id) model.send({ t: "ack", id: frame.id });
  };
  const soon = () => {
    if (waiting) return;
    waiting = true;
    document.hidden ? show() : requestAnimationFrame(show);  // a hidden page draws no frames
  };
  const receive = (message, buffers) => {
    voice.speak(message.text);
    if (message.t !== "frame") return;
    frame = { ...message, buffers };
    soon();
  };

  model.on("msg:custom", receive);
  if (model.get("guide")) listen(canvas, axes, model.get("size"), (message) => model.send(message), over.signal);
  soon();
  model.send({ t: "ready" });
  return () => { over.abort(); voice.stop(); model.off("msg:custom", receive); };
}

export default { render };
