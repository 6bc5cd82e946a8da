/** The calls of the public package that this page makes: all of them, in one place. */

export { droppedFiles, loadTranslator, openCells, simulateExample, spatial } from "resitu";
export { default as TRANSLATOR } from "resitu/breast";
