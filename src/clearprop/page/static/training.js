// Training: frames of as many epochs as fit into a few milliseconds, until somebody pauses.

import { speed } from "/viewer/player.js";
import { ask, page } from "./session.js";

const BUDGET = 5; // milliseconds of training a frame at normal speed; the rest of a frame is for drawing
const MOST = 40; // at which there are still 20 frames a second

export const TRAINING = { act: frame, begin, end, isFast: true };

function begin() {
  page.training = true;
}

async function frame() {
  const answer = await ask("train", { budget: Math.min(BUDGET * speed, MOST), curve_from: page.view.curve.points.length });
  await new Promise(requestAnimationFrame);
  return Boolean(answer) && !answer.diverged;
}

/** Pausing asks for the story of where it stands. */
function end() {
  page.training = false;
  ask("settle");
}
