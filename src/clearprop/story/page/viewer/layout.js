// Where the network's units stand in the drawing.

import { story } from "./story.js";

const SHOWN = 10; // units of a layer; beyond, the first ones stand for all
const FEW = 8;
const LONGEST = 13; // letters of a name in the drawing
const ROW = 86; // between two units at most
const NAMED = 41; // and at least, where names stand below them
const MARGIN = { top: 66, bottom: 34 };
const WIDE = { row: NAMED, column: [168, 236], room: 700, height: 330, left: 24, unit: 94, target: 72, loss: 92, right: 34 };
const NARROW = { row: 32, column: [107, 140], room: 214, height: 150, left: 8, unit: 78, target: 44, loss: 58, right: 26 };
export const UNIT_HEIGHT = 27;
export const TOUCH = 32; // what takes a finger's touch: 24 pixels at the smallest scale
export const SMALLEST = 0.76; // below this scale the drawing scrolls rather than shrinks

/** The drawing for a place: the roomy one, unless that had to shrink too much. */
export function layout(width, height) {
  const wide = arranged(WIDE, height);
  const isTooLarge = width < 620 || wide.width * SMALLEST > width || wide.height * SMALLEST > height;
  return isTooLarge ? arranged(NARROW, height) : wide;
}

/** Columns from the inputs to the outputs, each with its units' places, and the measures of the drawing. */
function arranged(measures, available) {
  const { layers, arrays } = story;
  const sizes = [arrays.X.shape[1], ...layers.map((one) => arrays[one.Z].shape[1] ?? 1)];
  const shown = sizes.map((size) => (size > SHOWN ? FEW : size));
  const rows = Math.max(2, ...shown.map((n, k) => n + (n < sizes[k] ? 1 : 0)));
  const isNamed = sizes.at(-1) > 1 && arrays[layers.at(-1).A].names.at(-1);
  const room = Math.min(measures.height, available / SMALLEST - MARGIN.top - MARGIN.bottom);
  const row = within([isNamed ? NAMED : measures.row, ROW], room / rows);
  const gap = within(measures.column, measures.room / layers.length);
  const height = MARGIN.top + rows * row + MARGIN.bottom;
  const first = measures.left + Math.min(longestInput(), LONGEST) * 7.4 + measures.unit / 2;
  const columns = sizes.map((size, k) => ({
    size, layer: k ? layers[k - 1] : null, x: first + k * gap, ys: places(shown[k], size, height, row),
  }));
  const targets = columns.at(-1).x + measures.unit / 2 + measures.target;
  const loss = targets + measures.loss;
  return { columns, targets, loss, width: loss + measures.right, height, unit: measures.unit, isNarrow: measures === NARROW };
}

export function shortened(name) {
  return name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name;
}

function within([least, most], wanted) {
  return Math.min(Math.max(wanted, least), most);
}

function places(shown, size, height, row) {
  const rows = shown + (shown < size ? 1 : 0);
  const middle = MARGIN.top + (height - MARGIN.top - MARGIN.bottom) / 2;
  return Array.from({ length: shown }, (_, k) => middle + (k - (rows - 1) / 2) * row);
}

function longestInput() {
  const names = story.arrays.X.names.at(-1) ?? [];
  return Math.max(0, ...names.slice(0, SHOWN).map((name) => name.length));
}
