/** Pictures of translated cells, without a framework: a canvas map, heat maps, curves, stacked bars and a sortable table. */

export { csvOf } from "./csv.js";
export { curves, type Curve, type CurvesOptions, type Envelope } from "./curves.js";
export { dotMap, type DotMapOptions } from "./dot-map.js";
export { heatMap, type HeatMapOptions } from "./heat-map.js";
export { type Categories, categoryColours, type Colouring, drawingOrder, type LegendEntry, legendOf, paint, type Plain, quantile, type Values } from "./colouring.js";
export { type IntervalLine, intervals, type IntervalsOptions } from "./intervals.js";
export { bounds, type Box } from "./point-grid.js";
export { categoryColour, divergingColour, MOST_CATEGORIES, rampColour, type Theme } from "./palette.js";
export { svgBlob, svgToPng } from "./save.js";
export { type Layer, ScatterMap, type ScatterMapOptions } from "./scatter-map.js";
export { SortableTable, type TableColumn, type TableOptions } from "./sortable-table.js";
export { sparkbar } from "./sparkbar.js";
export { type PictureStyle } from "./svg.js";
export { Spreader } from "./spread.js";
export { type BarRow, type BarSeries, stackedBars, type BarStyle } from "./stacked-bars.js";
