/** One visit, from choosing cells to the pictures: wires the views to the package. */

import type { DeviceChoice, OpenedCells, PathedFile, ResultFormat, TranslationResult, Translator } from "resitu";
import { announce } from "./announce.js";
import { byId, save } from "./dom.js";
import { loadTranslator, openCells, simulateExample, spatial, TRANSLATOR } from "./engine.js";
import { asFailure, isCancelled } from "./failure.js";
import { ownScene, referenceScene, translatedScene, type Scene } from "./scene.js";
import { labelColumns, sectionColumn } from "./labels.js";
import { label, progress as words } from "./text/words.js";
import { showCard, showLoading, showNotReady, showReady } from "./views/about.js";
import { CheckView } from "./views/check.js";
import { ChooseView } from "./views/choose.js";
import { CompositionView } from "./views/composition.js";
import { FailureView } from "./views/failure.js";
import { GenesView, type Measurement } from "./views/genes.js";
import { MapPanel } from "./views/map-panel.js";
import { MetricsView } from "./views/metrics.js";
import { NeighboursView } from "./views/neighbours.js";
import { RunView } from "./views/run.js";
import { pictureNote, type Saved, SummaryView } from "./views/summary.js";

/** Enough for niches to show, few enough for seconds on a CPU. */
const EXAMPLE_CELLS = 600;
const USUAL: Measurement = { k: 6, permutations: 0 };

/** What is open now. `visit` counts starts: an answer that comes after a new start belongs to no one. */
let visit = 0;
let device: DeviceChoice = "auto";
let translator: Promise<Translator>;
let cells: OpenedCells | null = null;
let fileName = "";
let simulated = false;
let result: TranslationResult | null = null;
let seconds = 0;
/** Counts checks: the answer of an earlier one, about another matrix or device, is not shown. */
let checks = 0;
let scene: Scene | null = null;
let work = new AbortController();
let measuring = new AbortController();

const map = new MapPanel();
const run = new RunView();
const failure = new FailureView();
const summary = new SummaryView();
const composition = new CompositionView();
const neighbours = new NeighboursView();
const metrics = new MetricsView();
const genes = new GenesView({
  onMeasure: (settings) => void measure(settings),
  onGene: (gene) => {
    if (map.showGene(gene)) byId("map").scrollIntoView({ block: "nearest" });
  },
  gene: () => map.gene(),
});
const choose = new ChooseView({
  onFiles: (files) => void open(files, false),
  onFailure: fail,
  onExample: () => void example(),
});
const check = new CheckView({
  onMatrix: (name) => void changeMatrix(name),
  onDevice: (choice) => void changeDevice(choice),
  onOrthologs: () => void matchOrthologs(),
  onTranslate: () => void translate(),
  onMeasure: () => void measureOwn(),
  onBack: () => restart(),
});
document.addEventListener("resitu-map-coloured", () => genes.refresh());
translator = prepare();

/** Loads the translator; everything the page needs is then here, and the network may go. */
function prepare(): Promise<Translator> {
  showLoading("Loading the translator…");
  const loading = loadTranslator(TRANSLATOR, {
    device,
    // Its stages are few and uneven; only a download is worth counting.
    onProgress: (progress) => showLoading(`The translator: ${words(progress.stage.includes("(bytes)") ? progress : { ...progress, total: 1 })}`),
  });
  loading.then(
    (loaded) => {
      showReady(loaded);
      showCard(loaded.card);
      map.setReference(referenceScene(loaded));
    },
    (cause: unknown) => showNotReady(asFailure(cause), () => {
      translator = prepare();
      if (cells && !result) void recheck();
    }),
  );
  return loading;
}

async function example(): Promise<void> {
  const mine = ++visit;
  choose.busy(true);
  failure.hide();
  announce("Simulating example cells.");
  try {
    const file = await simulateExample({ cells: EXAMPLE_CELLS, seed: 7, onProgress: (progress) => choose.progress(progress) });
    if (mine === visit) await open([{ path: file.name, file }], true);
  } catch (cause) {
    if (mine === visit) fail(cause);
  }
}

async function open(files: PathedFile[], isSimulated: boolean): Promise<void> {
  const mine = ++visit;
  choose.busy(true);
  failure.hide();
  announce("Opening the file.");
  try {
    const opened = await openCells(files, { onProgress: (progress) => choose.progress(progress) });
    if (mine !== visit) return opened.dispose();
    cells = opened;
    fileName = nameOf(files);
    simulated = isSimulated;
    choose.hide();
    check.open({ summary: opened.summary, name: fileName, simulated, choice: device });
    await recheck();
  } catch (cause) {
    if (mine === visit) fail(cause);
  }
}

/** One file has a name; several have that of their folder, or their number. */
function nameOf(files: PathedFile[]): string {
  const [first] = files;
  if (first && files.length === 1) return first.path.split("/").pop() ?? "";
  const folder = first?.path.split("/")[0];
  return folder && files.every(({ path }) => path.startsWith(`${folder}/`)) ? folder : `${files.length} files`;
}

async function recheck(): Promise<void> {
  const mine = ++checks;
  const opened = cells;
  if (!opened) return;
  check.checking(opened.summary);
  try {
    const loaded = await translator;
    const report = await loaded.check(opened);
    if (mine !== checks) return;
    check.report(report, loaded.deviceNotes);
    announce("The check is done.");
  } catch (cause) {
    if (mine === checks) check.refused(asFailure(cause));
  }
}

async function changeMatrix(name: string): Promise<void> {
  const mine = visit;
  if (!cells) return;
  try {
    await cells.useMatrix(name);
    if (mine === visit) await recheck();
  } catch (cause) {
    if (mine === visit) check.refused(asFailure(cause));
  }
}

async function matchOrthologs(): Promise<void> {
  const mine = visit;
  if (!cells) return;
  try {
    const { card } = await translator;
    await cells.useOrthologs(card.species === "mouse" ? "mouse" : "human");
    if (mine === visit) await recheck();
  } catch (cause) {
    if (mine === visit) check.refused(asFailure(cause));
  }
}

async function changeDevice(choice: DeviceChoice): Promise<void> {
  device = choice;
  const before = translator;
  translator = prepare();
  // Freed only now: until the new one is there, the map still shows the old one's reference.
  void before.then((old) => old.dispose(), () => undefined);
  await recheck();
}

async function translate(): Promise<void> {
  const mine = visit;
  const opened = cells;
  if (!opened) return;
  failure.hide();
  check.hide();
  summary.hide();
  byId("findings").hidden = true;
  work = new AbortController();
  run.show(simulated ? "Translating the simulated cells" : "Translating", "You can keep this tab in the background.", () => work.abort());
  const started = performance.now();
  try {
    const loaded = await translator;
    const arrive = map.begin(opened.summary.nCells, loaded.card.niches.map(label));
    const translated = await loaded.translate(opened, { signal: work.signal, onProgress: (progress) => run.progress(progress), onPartial: arrive });
    if (mine !== visit) return translated.dispose();
    result?.dispose();
    result = translated;
    run.hide();
    announce(`Done. ${translated.nCells} cells are on the map.`);
    seconds = (performance.now() - started) / 1000;
    await showTranslated(loaded, opened, translated);
  } catch (cause) {
    if (mine === visit) backToCheck(cause);
  }
}

async function showTranslated(loaded: Translator, opened: OpenedCells, translated: TranslationResult): Promise<void> {
  scene = translatedScene(translated, opened, loaded);
  map.showScene(scene);
  neighbours.hide();
  byId("findings").hidden = false;
  composition.show(translated, opened, loaded.card);
  metrics.show(translated, spatial, [...new Set([...labelColumns(opened.summary), "state", "niche"])], {
    translated: true,
    sections: "",
    leftOut: translated.emptyCells,
    doubtful: true,
    translator: loaded,
  });
  genes.open(true);
  summary.showTranslated(translated, loaded.reference, seconds, simulated, {
    onSave: (what) => saveResult(what, loaded),
    others: opened.summary.coordinates === null ? [] : [{ text: "Show the file’s own section", act: () => void measureOwn() }],
    onAgain: restart,
  });
  await measure(USUAL);
}

/** The file's own section: its map, who neighbours whom, and the statistics of its measured genes. */
async function measureOwn(): Promise<void> {
  const mine = visit;
  const opened = cells;
  if (!opened) return;
  failure.hide();
  try {
    const [positions, names] = [await opened.positions(), await opened.geneNames()];
    if (mine !== visit || !positions || opened.summary.coordinates === null) return;
    check.hide();
    scene = ownScene(opened, positions, names);
    map.showScene(scene);
    composition.hide();
    byId("findings").hidden = false;
    neighbours.show(opened, spatial);
    metrics.show(opened, spatial, labelColumns(opened.summary), {
      translated: false,
      sections: sectionColumn(opened.summary),
      leftOut: opened.summary.quality.missingPositions,
      doubtful: opened.summary.likelyPositions,
      translator: null,
    });
    genes.open(false, sectionColumn(opened.summary));
    const translated = result;
    const loaded = translated ? await translator : null;
    const others =
      translated && loaded
        ? [{ text: "Show the translated cells", act: () => void showTranslated(loaded, opened, translated) }]
        : check.allows()
          ? [{ text: "Translate these cells too", act: () => void translate() }]
          : [];
    summary.showMeasured(opened.summary.nCells, opened.summary.coordinates, simulated, {
      onSave: (what) => saveResult(what, null),
      others,
      onAgain: restart,
    });
    await measure(USUAL);
  } catch (cause) {
    if (mine === visit) backToCheck(cause);
  }
}

async function measure({ k, permutations }: Measurement): Promise<void> {
  const source = scene?.id === "translated" ? result : cells;
  const shown = scene;
  if (!source) return;
  measuring.abort();
  const { signal } = (measuring = new AbortController());
  genes.busy(() => measuring.abort());
  try {
    const rows = await spatial.autocorrelation(source, {
      graph: { kind: "knn", k, ...(shown?.id === "own" && cells && sectionColumn(cells.summary) && { sections: sectionColumn(cells.summary) }) },
      permutations,
      signal,
      onProgress: (progress) => genes.progress(progress),
    });
    if (shown === scene && !signal.aborted) genes.show(rows);
  } catch (cause) {
    if (shown === scene && measuring.signal === signal) genes.failed(asFailure(cause));
  }
}

async function saveResult(what: Saved, loaded: Translator | null): Promise<void> {
  const prefix = simulated ? "simulated-" : "";
  try {
    if (what === "png" || what === "svg") {
      const note = pictureNote(scene?.title ?? "", map.shown(), simulated, scene?.id === "own" ? "" : (loaded?.card.reference.attribution ?? ""));
      save(await map.picture(what, note), `${prefix}resitu-map.${what}`);
    } else if (result) await saveTranslated(result, what, `${prefix}resitu.${what}`);
    announce("Saved.");
  } catch (cause) {
    // The person closed the dialogue in which a place is chosen.
    if (cause instanceof DOMException && cause.name === "AbortError") return;
    failure.show(asFailure(cause), "The file could not be made");
  }
}

/** Beyond this many bytes of results the file goes straight to the disk, where the browser can. */
const LARGE_BYTES = 2 ** 29;

async function saveTranslated(translated: TranslationResult, format: ResultFormat, name: string): Promise<void> {
  const { nRows, columns } = translated.expression;
  const picker = (window as { showSaveFilePicker?: (options: { suggestedName: string }) => Promise<FileSystemFileHandle> }).showSaveFilePicker;
  if (picker && nRows * columns.length * 4 > LARGE_BYTES) await translated.save(await picker.call(window, { suggestedName: name }), format);
  else save(await translated.toBlob(format), name);
}

/** After a failed or cancelled job the opened file is still good: back to its check. */
function backToCheck(cause: unknown): void {
  run.hide();
  if (cells) {
    check.open({ summary: cells.summary, name: fileName, simulated, choice: device });
    void recheck();
  }
  map.showReference();
  if (isCancelled(cause)) announce("Cancelled. Nothing was kept.");
  else failure.show(asFailure(cause));
}

/** Nothing could be opened: the person chooses again. */
function fail(cause: unknown): void {
  choose.show();
  failure.show(asFailure(cause));
}

function restart(): void {
  visit++;
  checks++;
  work.abort();
  measuring.abort();
  result?.dispose();
  cells?.dispose();
  result = cells = scene = null;
  for (const view of [check, run, failure, summary, composition, neighbours, metrics, genes]) view.hide();
  byId("findings").hidden = true;
  map.showReference();
  choose.show();
  choose.focus();
}
