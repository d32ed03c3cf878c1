/** Written by `python -m veml_lab.widgets._traits` from the Python declarations: do not edit. */
import type { GraphEdge, GraphNode } from './drawing/layout';

export interface DriftPlotTraits {
  title: string;
  centres: [number, number][];
  radii: number[];
  train_xy: [number, number][];
  test_xy: [number, number][];
  verdicts: Record<string, { drifted: boolean; text?: string; [fact: string]: unknown }>;
  distances: number[];
  radius: number | null;
  worst: DataView[];
}

export interface LineageGraphTraits {
  nodes: GraphNode[];
  edges: GraphEdge[];
  selected: string;
  height: number;
}

export interface SampleBrowserTraits {
  count: number;
  thumb_px: number;
  height: number;
  classes: string[];
  selected: number[];
  title: string;
}

export interface SimilarityHeatmapTraits {
  names: string[];
  measures: Record<string, number[][]>;
  errors: Record<string, number[][]>;
  measure: string;
  pictures: Record<string, DataView[]>;
  selected: string[];
}

export interface TrainingCurvesTraits {
  runs: Record<string, Record<string, [number, number][]>>;
}
