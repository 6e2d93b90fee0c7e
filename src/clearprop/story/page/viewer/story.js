// The story as Python handed it over, and look-ups in it. Nothing here computes a number.

const PLACES = ["row", "column"];
export let story = null;
export let positions = new Map(); // of each step; 0 is what is given
let nameOf = new Map();
let reference = null;

/** Take another story; what was looked up in the one before no longer holds. */
export function load(data) {
  story = data;
  positions = new Map(story.steps.map((step, k) => [step.name, k + 1]));
  nameOf = new Map(Object.entries(story.arrays).map(([name, array]) => [array.plain, name]));
  const written = [...nameOf.keys()].sort((a, b) => b.length - a.length);
  reference = new RegExp(
    `(?<![\\p{L}\\p{N}_])(${written.join("|")})(?:\\[([\\w, ]+)\\])?(?![\\p{L}\\p{N}_(])`, "gu");
}

/** Numbers of an entry that came later: {zoom, paths, values: [[name, index, number], …]}, each of them optional. */
export function add(name, index, { zoom, paths, values = [] }) {
  if (zoom) story.zooms[keyOf(name, index)] = zoom;
  if (paths) story.paths[keyOf(parameterOf(name), index)] = paths;
  for (const [operand, at, value] of values) story.arrays[operand].values[flat(operand, at)] = value;
}

/** "dW1[0,2]" as its name and its index; null for what is no entry of this story. */
export function parse(reference) {
  const [, name, places] = /^(\w+)(?:\[([\d,]*)\])?$/.exec(reference.replaceAll(" ", "")) ?? [];
  if (!name || !(name in story.arrays)) return null;
  const index = places ? places.split(",").map(Number) : [];
  return isEntry(name, index) ? { name, index } : null;
}

export function isEntry(name, index) {
  const shape = story.arrays[name]?.shape;
  return shape?.length === index.length && index.every((i, k) => i < shape[k]);
}

export function keyOf(name, index) {
  return index.length ? `${name}[${index.join(",")}]` : name;
}

/** The number at an index; undefined where the page does not hold it. */
export function valueAt(name, index) {
  const value = story.arrays[name].values[flat(name, index)];
  return value === undefined ? undefined : Number(value);
}

function flat(name, index) {
  const { shape } = story.arrays[name];
  return index.reduce((sum, i, k) => sum * shape[k] + i, 0);
}

/** The weight or bias that a quantity is, or is the gradient of; undefined for any other. */
export function parameterOf(name) {
  const layer = story.layers.find((one) => [one.W, one.b, one.dW, one.db].includes(name));
  return layer && ([layer.W, layer.dW].includes(name) ? layer.W : layer.b);
}

/** An entry with the names of inputs and outputs: X[0, age]. */
export function labelOf(name, index) {
  const { names } = story.arrays[name];
  const places = index.map((i, k) => names[k]?.[i] ?? i);
  return places.length ? `${name}[${places.join(", ")}]` : name;
}

/** A formula's text in pieces: plain strings, and {name, index} for each entry in it. */
export function tokens(text) {
  const pieces = [];
  let end = 0;
  for (const match of text.matchAll(reference)) {
    pieces.push(text.slice(end, match.index));
    const index = match[2]?.split(",").map((place) => place.trim()) ?? [];
    pieces.push({ name: nameOf.get(match[1]), index, text: match[0] });
    end = match.index + match[0].length;
  }
  return [...pieces, text.slice(end)].filter((piece) => piece !== "");
}

/** How an entry comes about: {value, formula, spread, filled, rest}; given ones have a value only. */
export function derivation(name, index) {
  const value = valueAt(name, index);
  const template = story.templates[name];
  if (value === undefined) return null;
  if (!template) return { value };
  const formula = placed(template.formula, index).split(" = ").slice(1).join(" = ");
  const zoom = story.zooms[keyOf(name, index)];
  if (zoom) return { value, formula, ...zoom };
  if (template.spread === null) return null;
  const spread = placed(template.spread, index);
  const isWhole = tokens(spread).every((one) => typeof one === "string" || held(one));
  return isWhole ? { value, formula, spread, filled: null, rest: [0, 0] } : null;
}

function held({ name, index }) {
  return valueAt(name, index.map(Number)) !== undefined;
}

/** A template for one entry, with numbers in the place of "row" and "column". */
function placed(text, index) {
  const at = Object.fromEntries(PLACES.slice(PLACES.length - index.length).map((place, k) => [place, index[k]]));
  return text.replace(/\[[\w, ]+\]/g, (places) => places.replace(/row|column/g, (place) => at[place]));
}
