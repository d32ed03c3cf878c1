/** The bundle of plotly.js that compiles nothing at run time; what of it is used stands in drawing/plotly.ts. */
declare module 'plotly.js-strict-dist-min' {
  const library: unknown;
  export default library;
}
