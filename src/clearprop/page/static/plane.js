// A picture of the data: points over what the network says of the plane, or beside the curve that it draws.

import { make, svg } from "/viewer/dom.js";
import { number } from "/viewer/numbers.js";
import { legendOf } from "./legend.js";
import { SIZE, placing } from "./places.js";
import { mark, toneOf } from "./points.js";
import { page } from "./session.js";
import { onTheme, shade } from "./shades.js";
import { t } from "./texts.js";

const NEAR = 24; // pixels on the screen: a press so near a point is meant for it
const AXES = ["across", "upwards"];
const DIGITS = 3;

/**
 * A figure, how to show a view in it, and how to point at a sample. To choose samples from, it gets who is told of them:
 * `choose(row, event)` of one that is pressed, `point(row)` of one that is pointed at, null for none.
 */
export function planeFigure(chooser) {
  const parts = {
    chooser,
    shades: make("canvas", {}),
    drawing: svg("svg", { viewBox: `0 0 ${SIZE} ${SIZE}`, role: "img" }),
    points: svg("g", {}),
    curves: svg("g", {}),
    axes: AXES.map((axis) => make("div", { className: `axis ${axis}` }, ...["", "", ""].map(() => make("span", {})))),
    legend: make("ul", { className: "legend" }),
    marks: [], // of the training samples, in their order
    places: [],
    placing: null,
    pointed: null, // the mark that is pointed at
  };
  parts.drawing.append(parts.curves, parts.points);
  const frame = make("div", { className: "frame" }, parts.shades, parts.drawing, ...parts.axes);
  if (chooser) watch(parts, chooser);
  onTheme(() => parts.placing && drawPicture(parts, page.view.data, page.view.picture));
  return {
    element: make("figure", { className: "plane" }, frame, parts.legend),
    show: (view, changed) => show(parts, view, changed),
    point: (row) => pointAt(parts, row),
  };
}

function watch(parts, { choose, point }) {
  parts.drawing.addEventListener("click", (event) => {
    const row = nearest(parts, event);
    if (row !== null) choose(row, event);
  });
  parts.drawing.addEventListener("pointermove", (event) => {
    const row = nearest(parts, event);
    pointAt(parts, row);
    point(row);
  });
  parts.drawing.addEventListener("pointerleave", () => {
    pointAt(parts, null);
    point(null);
  });
}

function pointAt(parts, row) {
  parts.pointed?.classList.remove("pointed");
  parts.pointed = row === null ? null : parts.marks[row];
  parts.pointed?.classList.add("pointed");
}

function show(parts, { data, picture, place }, changed) {
  if (!data || !picture || !parts.drawing.isConnected) return; // the address may hide it
  const isNew = changed.has("data") || !parts.placing;
  if (isNew) drawPoints(parts, data, picture);
  if (isNew || changed.has("picture")) drawPicture(parts, data, picture);
  if (parts.chooser && (isNew || changed.has("place"))) ring(parts.marks, page.training ? [] : place.rows);
}

function drawPicture(parts, data, picture) {
  const isPlane = picture.kind === "plane";
  parts.shades.hidden = !isPlane;
  if (isPlane) shade(parts.shades, picture, (answer) => 2 * parts.placing.partOf(answer) - 1);
  parts.curves.replaceChildren(...(isPlane ? [] : curvesOf(picture, data, parts.placing)));
}

function drawPoints(parts, data, picture) {
  const placed = placing(data, picture);
  const { placeOf, names, ends } = placed;
  const marked = (row, kind) => {
    const target = row[data.inputs.length];
    return data.classes.length ? mark(target, 0, placeOf(row), kind) : mark(null, placed.partOf(target), placeOf(row), kind);
  };
  parts.placing = placed;
  parts.places = data.train.map(placeOf);
  parts.marks = data.train.map((row) => marked(row, "train"));
  parts.points.replaceChildren(...data.test.map((row) => marked(row, "test")), ...parts.marks);
  parts.legend.replaceChildren(...legendOf(data, picture, placed.answers));
  parts.axes.forEach((axis, k) => {
    const words = [number(ends[k][0], DIGITS), names[k], number(ends[k][1], DIGITS)];
    words.forEach((word, place) => { axis.children[place].textContent = word; });
  });
  const said = { across: names[0], upwards: names[1], train: data.train.length, test: data.test.length };
  parts.drawing.setAttribute("aria-label", t("plane.label", said));
}

/** Ring the samples that are explained now, unless these are all. */
function ring(marks, rows) {
  const explained = new Set(rows.length < marks.length ? rows : []);
  marks.forEach((one, row) => one.classList.toggle("explained", explained.has(row)));
}

/** The answers as curves: one a class, or that for the number which is drawn. */
function curvesOf({ x, y }, { classes }, { place }) {
  const lines = classes.length ? y : y.slice(0, 1);
  return lines.map((line, k) => {
    const places = line.map((one, i) => place(x[i], one).map((part) => part.toFixed(2)).join());
    return svg("polyline", { points: places.join(" "), class: `curve ${lines.length > 1 ? toneOf(k) : ""}` });
  });
}

/** The sample nearest to where the pointer is, if it is near enough; null if none is. */
function nearest({ drawing, places }, event) {
  const box = drawing.getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top];
  const distances = places.map(([across, down]) => Math.hypot((across / SIZE) * box.width - x, (down / SIZE) * box.height - y));
  const row = distances.indexOf(Math.min(...distances));
  return distances[row] <= NEAR ? row : null;
}
