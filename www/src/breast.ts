/** The address of the default translator (human breast), in a form that bundlers follow: they copy the file. */
const breast: string = new URL("../models/breast.resitu", import.meta.url).href;
export default breast;
