/** The address of the table of human and mouse genes, in a form that bundlers follow: they copy the file, and load it only when asked. */
const genes: string = new URL("../models/human-mouse.genes", import.meta.url).href;
export default genes;
