// How numbers stand upwards in a chart: `ends(numbers)` of the axis, and the `scale` on which they stand evenly.

const LARGEST = 308; // power of ten that a number can have

/** From zero to the largest number: the height says how much is left. */
export const fromZero = {
  ends: (numbers) => [0, Math.max(...numbers.filter(Number.isFinite), 0) || 1],
  scale: (value) => value,
};

/** Up to one, from zero or from the least number, but not from below −1. */
export const upToOne = {
  ends: (numbers) => [Math.max(Math.min(...numbers.filter(Number.isFinite), 0), -1), 1],
  scale: (value) => value,
};

/** The powers of ten around the numbers: what is half as high is a root, not a half. */
export const powersOfTen = {
  ends(numbers) {
    const logs = numbers.filter((one) => one > 0 && Number.isFinite(one)).map(Math.log10);
    const from = logs.length ? Math.floor(Math.min(...logs)) : -1;
    const to = logs.length ? Math.ceil(Math.max(...logs)) : 0;
    return [10 ** from, 10 ** Math.min(Math.max(to, from + 1), LARGEST)];
  },
  scale: Math.log10,
};
