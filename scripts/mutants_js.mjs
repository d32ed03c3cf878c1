// Plant small faults in js/src, one at a time, and see whether vitest notices; the sister of mutants.py, by hand.
//
//   cd BED/js && node ../scripts/mutants_js.mjs 30 1     (30 faults, seed 1; BED is a worktree of its own)
//
// vitest runs the test files that import the changed file, up to the first failure. Results are
// added to artefacts/mutants/log.jsonl in the form that mutants.py writes.
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';

const require = createRequire(path.resolve('package.json'));
const ts = require('typescript');
const [count, seed] = [Number(process.argv[2] ?? 30), Number(process.argv[3] ?? 0)];
const K = ts.SyntaxKind;
const TOKENS = new Map([
  [K.LessThanToken, ['<=', '>=']], [K.LessThanEqualsToken, ['<', '>']],
  [K.GreaterThanToken, ['>=', '<=']], [K.GreaterThanEqualsToken, ['>', '<']],
  [K.EqualsEqualsEqualsToken, ['!==']], [K.ExclamationEqualsEqualsToken, ['===']],
  [K.PlusToken, ['-']], [K.MinusToken, ['+']], [K.AsteriskToken, ['/']], [K.SlashToken, ['*']],
  [K.AmpersandAmpersandToken, ['||']], [K.BarBarToken, ['&&']]
]);
const UNTIMED = '^((?!seconds).)*$'; // a loaded machine is slow, and that is no answer
const LONGEST_MS = 240_000; // vitest ends by itself when it is told to, with a status of its own
const SWAPS = { min: 'max', max: 'min', some: 'every', every: 'some', floor: 'ceil', ceil: 'floor' };

function faultsOf(file) {
  const text = readFileSync(file, 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found = [];
  const put = (node, neu) => {
    const [start, end] = [node.getStart(source), node.getEnd()];
    const line = source.getLineAndCharacterOfPosition(start).line + 1;
    found.push({ file: `js/${file}`, line, start, end, old: text.slice(start, end), new: neu });
  };
  const worded = node => ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
  const visit = node => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isInterfaceDeclaration(node)) return;
    if (ts.isBinaryExpression(node) && !worded(node.left) && !worded(node.right)) {
      for (const neu of TOKENS.get(node.operatorToken.kind) ?? []) put(node.operatorToken, neu);
    } else if (ts.isNumericLiteral(node) && !ts.isPropertyAssignment(node.parent)) {
      put(node, Number(node.text) % 1 ? String(Number(node.text) * 1.5) : String(Number(node.text) + 1));
    } else if (node.kind === K.TrueKeyword) put(node, 'false');
    else if (node.kind === K.FalseKeyword) put(node, 'true');
    else if (ts.isIfStatement(node) && !ts.isBinaryExpression(node.expression))
      put(node.expression, `!(${node.expression.getText(source)})`);
    else if (ts.isExpressionStatement(node) && ts.isCallExpression(node.expression)) put(node, ';');
    else if (ts.isIdentifier(node) && SWAPS[node.text] && ts.isPropertyAccessExpression(node.parent))
      put(node, SWAPS[node.text]);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function shuffled(list, seed) {
  let state = seed * 2654435761 + 12345;
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 4294967296;
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [list[i], list[j]] = [list[j], list[i]];
  }
  return list;
}

if (execFileSync('git', ['status', '--porcelain', 'src'], { encoding: 'utf8' })) {
  throw new Error('js/src has changes; use a fresh worktree, faults are written into it');
}
const files = readdirSync('src', { recursive: true })
  .filter(name => /\.tsx?$/.test(name) && !name.endsWith('.d.ts'))
  .map(name => `src/${name}`)
  .sort();
const kept = path.resolve('../artefacts/mutants');
mkdirSync(kept, { recursive: true });
const log = `${kept}/log.jsonl`;
const known = new Set(
  existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').map(line => JSON.parse(line).key) : []
);
for (const fault of shuffled(files.flatMap(faultsOf), seed).slice(0, count)) {
  const key = `${fault.file}:${fault.line}:${fault.start}:${fault.new}`;
  if (known.has(key)) continue;
  const file = fault.file.slice('js/'.length);
  const was = readFileSync(file, 'utf8');
  const began = Date.now();
  let status, by;
  try {
    writeFileSync(file, was.slice(0, fault.start) + fault.new + was.slice(fault.end));
    const options = ['related', '--run', '--bail=1', '--maxWorkers=1', '--passWithNoTests', '-t', UNTIMED, file];
    const ran = spawnSync('node_modules/.bin/vitest', options, { encoding: 'utf8', timeout: LONGEST_MS });
    status = ran.signal || Date.now() - began >= LONGEST_MS ? 'hung' : ran.status === 0 ? 'alive' : 'noticed';
    by = (ran.stderr + ran.stdout).match(/FAIL\S*\s+(.*)/)?.[1] ?? '';
  } finally {
    writeFileSync(file, was);
  }
  const took = (Date.now() - began) / 1000;
  appendFileSync(log, JSON.stringify({ said: status, by, took, room: 'js', seed, key, ...fault }) + '\n');
  const shown = text => JSON.stringify(text.trim().slice(0, 60));
  console.log(`${status.padEnd(8)} ${fault.file}:${fault.line}: ${shown(fault.old)} -> ${shown(fault.new)}  (${took} s)`);
}
