/** Written by `python -m veml_lab.widgets._traits` from the Python declarations: do not edit. */
import type { ChartEvent, ChartSpec } from './drawing/chart';
import type { LinkedTable, Selection } from './drawing/beside';
import type { JobState } from './drawing/jobs';
import type { Dress } from './drawing/graph';
import type { GraphEdge, GraphNode } from './drawing/layout';
import type { DriftLook } from './drawing/looks';
import type { SetLines } from './drawing/tree';

export interface ChartTraits {
  charts: Record<string, ChartSpec>;
  event: Partial<ChartEvent>;
  title: string;
}

export interface ComparisonTraits {
  charts: Record<string, ChartSpec>;
  event: Partial<ChartEvent>;
  opens: boolean;
  names: string[];
  kind: string;
  sections: Record<string, Record<string, (string | number | boolean | null)[]>>;
  title: string;
}

export interface ConfusionMatrixTraits {
  charts: Record<string, ChartSpec>;
  event: Partial<ChartEvent>;
  opens: boolean;
  total: number;
  right: number;
  left_out: number;
  title: string;
  selected: string[];
  about: Selection;
  tables: Record<string, LinkedTable>;
}

export interface DriftPlotTraits {
  charts: Record<string, ChartSpec>;
  event: Partial<ChartEvent>;
  title: string;
  verdicts: Record<string, { drifted: boolean; text?: string; [fact: string]: unknown }>;
  radius: number | null;
  worst: DataView[];
  told: DriftLook[];
  look: number;
  level: number | null;
}

export interface EmbeddingMapTraits {
  xy: DataView;
  groups: DataView;
  names: string[];
  selected: DataView;
  pictures: boolean;
  saves: boolean;
  opens: boolean;
  title: string;
  height: number;
}

export interface JobListTraits {
  jobs: JobState[];
  controls: boolean;
}

export interface LineageGraphTraits {
  nodes: GraphNode[];
  edges: GraphEdge[];
  dress: Dress;
  selected: string;
  height: number;
  metadata: boolean;
}

export interface PagesTraits {
  parts: Record<string, string>;
  part: string;
  item: string;
  title: string;
  subtitle: string;
  visits: number;
  shown: string | null;
}

export interface RunTableTraits {
  charts: Record<string, ChartSpec>;
  event: Partial<ChartEvent>;
  rows: Record<string, string | number | boolean | null>[];
  metric: string;
  lower_is_better: boolean;
  selected: string[];
  title: string;
}

export interface SampleBrowserTraits {
  count: number;
  thumb_px: number;
  height: number;
  classes: string[];
  selected: number[];
  title: string;
  layers: string[];
  compare: string[];
  filters: Record<string, string[]>;
  orders: string[];
  saves: string[];
  numbers: string[];
  texts: string[];
  score: number;
  tags: boolean;
  nearest: boolean;
  about: boolean;
}

export interface SimilarityHeatmapTraits {
  charts: Record<string, ChartSpec>;
  event: Partial<ChartEvent>;
  names: string[];
  measures: Record<string, number[][]>;
  errors: Record<string, number[][]>;
  measure: string;
  pictures: Record<string, DataView[]>;
  selected: string[];
  target: string;
  lines: Record<string, SetLines>;
  transfer: string;
  offers: boolean;
}

export interface TrainingCurvesTraits {
  charts: Record<string, ChartSpec>;
  event: Partial<ChartEvent>;
  names: string[];
  points: number;
  coarse: boolean;
  system: string[];
  axes: string[];
  grouped: boolean;
}
