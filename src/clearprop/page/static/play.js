// The page starts: every panel watches the views, and the address says what to open.

import { watchNetwork } from "/viewer/network.js";
import { watchPanel } from "/viewer/panel.js";
import { watchPointer } from "/viewer/highlight.js";
import { watchSymbols } from "/viewer/symbols.js";
import { watchTimeline } from "/viewer/timeline.js";
import { change } from "/viewer/state.js";
import { fillTexts, language } from "./texts.js";
import { fetchChoices } from "./session.js";
import { watchStory } from "./story.js";
import { watchRun } from "./run.js";
import { watchKeyboard } from "./keyboard.js";
import { watchLayers } from "./layers.js";
import { watchSettings } from "./settings.js";
import { watchEditing } from "./editing.js";
import { watchPresets } from "./presets.js";
import { openAddress, watchShare } from "./share.js";
import { watchTabs } from "./tabs.js";
import { watchQuiz } from "./quiz.js";
import { watchData } from "./data.js";
import { watchOutput } from "./output.js";
import { watchTour } from "./tour.js";

document.documentElement.lang = language;
fillTexts();
await fetchChoices();
for (const watch of [watchSymbols, watchPointer, watchPanel, watchNetwork, watchTimeline, watchStory]) watch();
for (const watch of [watchRun, watchKeyboard, watchTabs, watchQuiz, watchEditing]) watch();
for (const watch of [watchLayers, watchSettings, watchPresets, watchData, watchOutput, watchTour]) watch();
await openAddress();
watchShare();
new ResizeObserver(() => requestAnimationFrame(() => change({}))).observe(document.getElementById("steps")); // for the new width
document.body.dataset.ready = "yes";
