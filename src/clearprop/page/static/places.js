// Where samples and answers stand in a picture: one input across; upwards another one, or what is to be said.

export const SIZE = 200; // of a picture, in units of its own
const ROOM = 0.12; // above and below a curve's points, as a part of their height
const BEYOND = 1; // pictures above or below it is as far as an answer is drawn

/**
 * How data stand in a picture: the `names` and `ends` of both axes, the place of two numbers and of a row; the ends of
 * the `answers` that there should be, and how far between them one lies, from 0 to 1.
 */
export function placing(data, picture) {
  const isPlane = picture.kind === "plane";
  const target = data.inputs.length; // its place in a row
  const answers = data.classes.length ? [0, 1] : rangeOf([...data.train, ...data.test].map((row) => row[target]));
  const ends = isPlane ? [picture.x, picture.y] : [rangeOf(picture.x), widened(answers)];
  const [i, j] = isPlane ? picture.axes : [0, target];
  const names = [...data.inputs, ...data.targets];
  const place = (x, y) => [SIZE * partOf(x, ends[0]), SIZE * (1 - within(partOf(y, ends[1])))];
  // of more than two classes each has a curve, which should be 1 at its own samples
  const isByClass = !isPlane && data.classes.length > 2;
  return {
    names: [names[i], names[j]],
    ends,
    place,
    placeOf: (row) => place(row[i], isByClass ? 1 : row[j]),
    answers,
    partOf: (answer) => partOf(answer, answers),
  };
}

/** A part of the height, not so far off that it could not be drawn. */
function within(part) {
  return Math.min(Math.max(part, -BEYOND), 1 + BEYOND);
}

function rangeOf(numbers) {
  return [Math.min(...numbers), Math.max(...numbers)];
}

function widened([from, to]) {
  const room = ROOM * (to - from) || 1;
  return [from - room, to + room];
}

/** How far a number lies between two ends, from 0 to 1; in the middle where these are one. */
function partOf(value, [from, to]) {
  return to > from ? (value - from) / (to - from) : 0.5;
}
