// How training went: loss, accuracy or R², and the size of each layer's gradient, over the epochs.

import { make } from "/viewer/dom.js";
import { number } from "/viewer/numbers.js";
import { fromZero, powersOfTen, upToOne } from "./axes.js";
import { chart } from "./charts.js";
import { nameOf, written } from "./figures.js";
import { t } from "./texts.js";

const [LOSS, TEST_LOSS, METRIC, TEST_METRIC, NORMS] = [1, 2, 3, 4, 5]; // places in a point of the curve
const FEW = 3; // digits beside a chart

/** An element with the charts, and how to show a view in it. */
export function curves() {
  const element = make("div", { className: "charts" });
  const heading = make("h3", {});
  let charts = [];
  let drawn = ""; // what the charts are of
  const show = ({ figures, curve }, changed) => {
    const wanted = [figures.metric?.name, figures.norms.length].join();
    if (wanted === drawn && !changed.has("curve")) return;
    if (wanted !== drawn) {
      charts = chartsOf(figures);
      element.replaceChildren(...arranged(charts.map((one) => one.figure), heading, figures.norms.length));
    }
    for (const one of charts) one.show(curve.points);
    const [from, to] = powersOfTen.ends(at(NORMS)(curve.points));
    heading.textContent = t("output.norms", { from: short(from), to: short(to) });
    drawn = wanted;
  };
  return { element, show };
}

function chartsOf({ metric, norms }) {
  const found = [chart(t("output.loss"), pair(LOSS, TEST_LOSS), { numbersOf: at(LOSS, TEST_LOSS), axes: [fromZero, powersOfTen], write: short })];
  if (metric) {
    const write = (one) => written(metric.name, one);
    found.push(chart(nameOf(metric.name), pair(METRIC, TEST_METRIC), { numbersOf: at(METRIC, TEST_METRIC), axes: [upToOne], write }));
  }
  // all layers by one scale, so that they can be compared
  const options = { numbersOf: at(NORMS), axes: [powersOfTen], write: short };
  norms.forEach((_, k) => found.push(chart(t("output.layer", { layer: k + 1 }), [["", "norm", (point) => point[NORMS][k]]], options)));
  return found;
}

function pair(train, test) {
  return [[t("output.train"), "train", (point) => point[train]], [t("output.test"), "test", (point) => point[test]]];
}

/** What stands in some places of all points. */
function at(...places) {
  return (points) => points.flatMap((point) => places.flatMap((place) => point[place] ?? [])).map(Number);
}

/** The large charts, and below them the small ones of the layers. */
function arranged(figures, heading, layers) {
  const small = make("div", { className: "small" }, ...figures.splice(-layers, layers));
  return [...figures, heading, small];
}

function short(value) {
  return number(value, FEW);
}
