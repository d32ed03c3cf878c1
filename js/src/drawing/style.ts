/** The style sheet of all drawings; it goes once into the document or shadow root that holds them. */
import { DARK, LIGHT } from './theme';

const variables = (kinds: Record<string, string>) =>
  Object.entries(kinds).map(([k, colour]) => `--veml-${k}:${colour};`).join('');

const CSS = `
.veml{${variables(LIGHT)}--veml-good:#17803d;--veml-bad:#c62828;--veml-accent:#b45309;--veml-shade:rgba(15,23,42,.06);
  --veml-text:var(--jp-ui-font-color1,#1f2328);--veml-muted:var(--jp-ui-font-color2,#5b6472);
  --veml-surface:var(--jp-layout-color1,#fff);--veml-raised:var(--jp-layout-color2,#f2f4f7);--veml-line:var(--jp-border-color2,#dfe3e8);
  font:13px/1.45 var(--jp-ui-font-family,system-ui,sans-serif);color:var(--veml-text);box-sizing:border-box;max-width:100%}
.veml[data-theme=dark]{${variables(DARK)}--veml-good:#4fcf78;--veml-bad:#ff7b72;--veml-accent:#ffc658;--veml-shade:rgba(255,255,255,.07);
  --veml-text:var(--jp-ui-font-color1,#e6e6e6);--veml-muted:var(--jp-ui-font-color2,#a3aab8);
  --veml-surface:var(--jp-layout-color1,#181a1f);--veml-raised:var(--jp-layout-color2,#24272e);--veml-line:var(--jp-border-color2,#3a3f48)}
.veml *,.veml *::before{box-sizing:border-box}
.veml-frame{border:1px solid var(--veml-line);border-radius:8px;background:var(--veml-surface);overflow:hidden}
.veml-bar{display:flex;flex-wrap:wrap;gap:6px 10px;align-items:center;padding:6px 10px;border-bottom:1px solid var(--veml-line);min-height:40px}
.veml-bar .veml-space{flex:1}
.veml-title{font-weight:600}
.veml-note{color:var(--veml-muted);font-size:12px}
.veml button{font:inherit;color:inherit;background:var(--veml-raised);border:1px solid var(--veml-line);border-radius:6px;padding:2px 9px;min-height:26px;cursor:pointer}
.veml button:hover{background:var(--veml-shade)}
.veml button[aria-pressed=true],.veml button[aria-checked=true]{border-color:var(--veml-data);box-shadow:inset 0 0 0 1px var(--veml-data)}
.veml :focus-visible{outline:2px solid var(--veml-data);outline-offset:1px}
.veml input[type=search]{font:inherit;color:inherit;background:var(--veml-surface);border:1px solid var(--veml-line);border-radius:6px;padding:2px 8px;height:26px;width:170px}
.veml-key{display:inline-flex;align-items:center;gap:4px;color:var(--veml-muted);font-size:12px}
.veml-key svg{width:12px;height:12px}
.veml-segments{display:inline-flex}
.veml-segments button{border-radius:0;margin-left:-1px}
.veml-segments button:first-child{border-radius:6px 0 0 6px;margin-left:0}
.veml-segments button:last-child{border-radius:0 6px 6px 0}
.veml-segments button:only-child{border-radius:6px}
.veml-error{color:var(--veml-bad);padding:8px 10px}
.veml-empty{color:var(--veml-muted);padding:24px;text-align:center}
.veml-unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}

.veml-graph{display:flex;flex-direction:column;position:relative}
.veml-stage{container-type:inline-size;position:relative;flex:1;min-height:0;overflow:hidden}
.veml-stage canvas{position:absolute;inset:0;display:block;touch-action:none;cursor:grab}
.veml-stage canvas:focus-visible{outline-offset:-3px}
.veml-card{position:absolute;right:10px;top:10px;width:min(300px,60%);max-height:calc(100% - 20px);overflow:auto;background:var(--veml-surface);
  border:1px solid var(--veml-line);border-radius:8px;box-shadow:0 6px 24px rgba(0,0,0,.18);padding:10px 12px}
@container (max-width:720px){.veml-card{left:10px;top:auto;bottom:10px;width:auto;max-height:calc(45% - 14px);box-sizing:border-box;z-index:1}}
.veml-card h3{margin:0 26px 2px 0;font-size:14px;line-height:1.3;overflow-wrap:anywhere;display:flex;gap:6px;align-items:center}
.veml-card h3 svg{flex:none;width:14px;height:14px}
.veml-card .veml-close{position:absolute;right:8px;top:8px;border:0;background:none;padding:0 7px}
.veml-card dl{display:grid;grid-template-columns:minmax(70px,auto) 1fr;gap:3px 10px;margin:8px 0;font-size:12px}
.veml-card dt{color:var(--veml-muted)}
.veml-card dd{margin:0;overflow-wrap:anywhere}
.veml-facts summary{cursor:pointer;font-size:12px;font-weight:600;color:var(--veml-muted)}
.veml-card h4{margin:8px 0 2px;font-size:12px;color:var(--veml-muted)}
.veml-card ul{list-style:none;margin:0;padding:0}
.veml-card li{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1.25fr);gap:0 8px;align-items:center}
.veml-card li .veml-note{font-size:11px}
.veml .veml-link{font-size:12px}
.veml .veml-link{border:0;background:none;padding:0 4px;display:inline-flex;gap:5px;align-items:center;text-align:left;overflow-wrap:anywhere}
.veml .veml-link:hover{text-decoration:underline;background:none}
.veml-link svg{width:11px;height:11px;flex:none}
.veml-minimap{position:absolute!important;inset:auto auto 36px 10px!important;width:168px;height:104px;border:1px solid var(--veml-line);border-radius:6px;background:color-mix(in srgb,var(--veml-surface) 92%,transparent);cursor:crosshair!important}
.veml-minimap[hidden]{display:none!important}
.veml-legend{position:absolute;left:10px;bottom:8px;display:flex;gap:10px;padding:2px 8px;border-radius:6px;background:color-mix(in srgb,var(--veml-surface) 85%,transparent);pointer-events:none}

.veml-heat{position:relative}
.veml-scroll{overflow:auto;padding:8px 10px}
.veml-lookmarks svg text{font:12px var(--jp-ui-font-family,system-ui,sans-serif);fill:var(--veml-text)}
.veml-looks{padding:10px 10px 0}
.veml-lookline{display:flex;gap:10px;align-items:center}
.veml-lookline input{flex:0 1 320px;accent-color:var(--veml-data)}
.veml-lookmarks{overflow-x:auto;padding:4px 0}
.veml-lookmarks svg{display:block;cursor:pointer}
.veml-donors{padding:8px 10px;border-top:1px solid var(--veml-line);overflow-x:auto}
.veml-donors h4{margin:0 0 4px;font-size:13px}
.veml-donors code{font-size:11.5px}
.veml .veml-donors button{white-space:nowrap;overflow-wrap:normal}
.veml-faces{display:grid;grid-template-columns:1fr 1fr;gap:12px;padding:8px 10px 12px;border-top:1px solid var(--veml-line)}
.veml-faces h4{margin:0 0 6px;font-size:13px}
.veml-strip{display:flex;flex-wrap:wrap;gap:4px}
.veml-strip img{width:64px;height:64px;object-fit:cover;border-radius:4px;background:var(--veml-raised);image-rendering:auto}
.veml-tip{position:absolute;pointer-events:none;background:var(--veml-text);color:var(--veml-surface);border-radius:6px;padding:3px 8px;font-size:12px;white-space:nowrap;z-index:3}

.veml-wall{position:relative;overflow-y:auto;overflow-x:hidden;background:var(--veml-surface)}
.veml-wall canvas{position:sticky;top:0;left:0;display:block}
.veml-enlarged{min-height:min(620px,80vh)}
.veml-large{position:absolute;inset:0;display:flex;flex-direction:column;background:var(--veml-surface);z-index:2;outline:none}
.veml-largebar{flex:none}
.veml-largebody{flex:1;min-height:0;display:flex}
.veml-pair{flex:1;min-width:0;display:flex;gap:6px;padding:6px}
.veml-pair figure{margin:0;flex:1;min-width:0;display:flex;flex-direction:column;gap:2px}
.veml-picture{flex:1;min-height:0;width:100%;height:100%;display:block;background:var(--veml-raised);border-radius:6px;cursor:grab;touch-action:none}
.veml-picture:active{cursor:grabbing}
.veml-percent{min-width:44px}
.veml-side{flex:0 0 clamp(190px,26%,300px);overflow:auto;border-left:1px solid var(--veml-line);padding:8px 10px;font-size:12.5px}
.veml-side section{margin-bottom:10px}
.veml-side h4{margin:0 0 4px;font-size:12px;color:var(--veml-muted)}
.veml-side dl{display:grid;grid-template-columns:minmax(60px,auto) 1fr;gap:2px 8px;margin:0}
.veml-side dt{color:var(--veml-muted)}
.veml-side dd{margin:0;overflow-wrap:anywhere}
.veml-side ul{margin:0;padding-left:16px;overflow-wrap:anywhere}
.veml-side p{margin:2px 0;overflow-wrap:anywhere}
.veml-wrong{color:var(--veml-bad);font-weight:600}
.veml-classes,.veml-chips{display:flex;flex-wrap:wrap;gap:4px;margin-top:5px}
.veml-chip{display:inline-flex;align-items:center;gap:3px;background:var(--veml-shade);border-radius:10px;padding:1px 8px;overflow-wrap:anywhere}
.veml .veml-chip button{border:0;background:none;padding:0 4px;min-height:22px;min-width:24px}
.veml-field{display:inline-flex;gap:4px;align-items:center;max-width:100%}
.veml-side .veml-field{display:flex;margin-top:5px}
.veml-field input{min-width:0;flex:1;width:130px}
.veml .veml-toggle{display:inline-flex;align-items:center;gap:4px;font-size:12px;padding:1px 7px;min-height:24px;overflow-wrap:anywhere}
.veml .veml-toggle svg{width:12px;height:12px;flex:none}
.veml .veml-toggle[aria-pressed=true]{border-color:var(--veml-line);box-shadow:none}
.veml .veml-toggle[aria-pressed=false]{color:var(--veml-muted);text-decoration:line-through;background:none;border-style:dashed}
.veml-seeing{display:inline-flex;flex-wrap:wrap;gap:4px;align-items:center}
.veml-threshold{display:inline-flex;gap:6px;align-items:center;font-size:12px;color:var(--veml-muted)}
.veml-threshold input{width:110px;accent-color:var(--veml-data)}
.veml-ranges[hidden],.veml-walltools[hidden]{display:none}
.veml-rangerow{display:inline-flex;gap:6px;align-items:center;font-size:12.5px;min-height:34px}
.veml-rangerow input[type=number]{width:84px}
.veml-rangerow input[type=search]{width:170px}
.veml-spread{display:inline-flex;align-items:flex-end;height:30px;gap:1px}
.veml .veml-spread button{width:9px;min-height:0;height:30px;padding:0;border:0;border-radius:0;background:none;display:flex;align-items:flex-end}
.veml .veml-spread button:hover,.veml .veml-spread button:focus-visible{background:var(--veml-shade)}
.veml-spread span{display:block;width:100%;background:var(--veml-data);border-radius:1px 1px 0 0}
.veml-spread button:disabled{cursor:default}
.veml-help{position:absolute;left:50%;top:50%;transform:translate(-50%,-50%);background:var(--veml-surface);border:1px solid var(--veml-line);border-radius:8px;box-shadow:0 6px 24px rgba(0,0,0,.25);padding:12px 16px;z-index:4;max-width:92%;max-height:92%;overflow:auto}
.veml-help h4{margin:0 0 8px;font-size:13px}
.veml-help dl{display:grid;grid-template-columns:auto 1fr;gap:4px 14px;margin:0 0 10px;font-size:12.5px}
.veml-help dd{margin:0}
.veml-help kbd{font:12px var(--jp-code-font-family,monospace);background:var(--veml-raised);border:1px solid var(--veml-line);border-radius:4px;padding:0 5px;white-space:nowrap}
.veml .veml-undo{margin-left:6px;color:var(--veml-text)}

.veml-verdicts{display:grid;grid-template-columns:repeat(auto-fit,minmax(230px,1fr));gap:10px;padding:10px}
.veml-verdict{border:1px solid var(--veml-line);border-left:4px solid var(--veml-good);border-radius:6px;padding:6px 10px}
.veml-verdict[data-drifted=true]{border-left-color:var(--veml-bad)}
.veml-verdict strong{color:var(--veml-good)}
.veml-verdict[data-drifted=true] strong{color:var(--veml-bad)}
.veml-panes{display:grid;grid-template-columns:repeat(auto-fit,minmax(280px,1fr));gap:10px;padding:0 10px 10px}
.veml-drift .veml-panes{grid-template-columns:repeat(auto-fit,minmax(min(100%,430px),1fr))}
.veml-figures>summary{padding:2px 10px 10px;font-size:12px;color:var(--veml-muted);cursor:pointer}
.veml-panes h4,.veml-drift h4,.veml-curves h4{margin:0 0 4px;font-size:12px;font-weight:600;color:var(--veml-muted)}
.veml-chart{margin:0;position:relative;min-width:0}
.veml-wide{grid-column:1/-1}
.veml-plot{min-height:120px;min-width:0}
.veml-plot[data-waiting]::before{content:attr(data-waiting);display:block;padding:48px 12px;text-align:center;color:var(--veml-muted)}
.veml-charthead{display:flex;align-items:center;gap:8px;min-height:26px}
.veml-charttools{display:flex;margin-left:auto;gap:4px}
.veml-chart h4{margin:0;font-size:12px;font-weight:600;color:var(--veml-muted);overflow-wrap:anywhere}
.veml .veml-charttools button{font-size:11px;min-height:24px;padding:0 6px;background:none;color:var(--veml-muted)}
.veml-curvetools{display:inline-flex;flex-wrap:wrap;gap:6px}
.veml select,.veml input[type=text],.veml input[type=number]{font:inherit;color:inherit;background:var(--veml-surface);border:1px solid var(--veml-line);border-radius:6px;padding:2px 6px;height:26px;max-width:240px}
.veml-good{color:var(--veml-good);padding:8px 10px}
.veml-walltools{padding:4px 10px;min-height:36px}
.veml-keeper{display:inline-flex;flex-wrap:wrap;gap:6px;align-items:center}
.veml-swatch{display:inline-block;width:10px;height:10px;border-radius:3px;margin-right:6px;vertical-align:baseline}
.veml-table{border-collapse:collapse;font-size:12.5px;min-width:100%}
.veml-table th,.veml-table td{text-align:left;padding:4px 10px;border-bottom:1px solid var(--veml-line);vertical-align:top;white-space:nowrap}
.veml-table td{white-space:normal;overflow-wrap:anywhere;min-width:40px}
.veml-table thead th,.veml-table thead td{position:sticky;top:0;background:var(--veml-surface);font-weight:600;z-index:1}
.veml-table thead svg{width:12px;height:12px;vertical-align:-1px}
.veml-compare .veml-table{min-width:0}
.veml-bars{grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));align-items:start;padding-top:10px}
.veml-table .n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.veml-table tbody th{font-weight:400;color:var(--veml-muted)}
.veml-table tr[data-differs=true]>*{background:color-mix(in srgb,var(--veml-accent) 10%,transparent)}
.veml-table tr[data-differs=true]>th{color:var(--veml-text);font-weight:600}
.veml-table .veml-section th{color:var(--veml-text);font-weight:600;padding-top:12px}
.veml-table tr[aria-selected=true] td{background:var(--veml-shade)}
.veml .veml-sort{border:0;background:none;padding:0;font-weight:600;min-height:24px}
.veml-runs .veml-scroll{max-height:420px}
.veml-split{display:flex;flex-wrap:wrap;gap:8px}
.veml-matrix{flex:3 1 420px;min-width:0;padding:0 10px 10px}
.veml-kinds{flex:2 1 320px;min-width:0;padding:0 10px 10px}
.veml-jobs ul{list-style:none;margin:0;padding:4px 10px 10px}
.veml-job{display:grid;grid-template-columns:minmax(120px,1fr) minmax(80px,1fr) auto;gap:2px 12px;align-items:center;padding:6px 0;border-bottom:1px solid var(--veml-line,var(--jp-border-color2))}
.veml-job .veml-note{grid-column:1/4}
.veml-job progress{width:100%;accent-color:var(--veml-training)}
.veml-jobname{font-weight:600;overflow-wrap:anywhere}
.veml-jobstate{margin-left:8px;font-size:12px;color:var(--veml-muted)}
.veml-job[data-state=failed] .veml-jobstate,.veml-job[data-state=killed] .veml-jobstate{color:var(--veml-bad)}
.veml-mapsplit{display:grid;grid-template-columns:minmax(0,1fr) minmax(90px,180px)}
.veml-points{position:relative;overflow:hidden;min-width:0}
.veml-points canvas{display:block}
.veml-groupnames{border-left:1px solid var(--veml-line);padding:8px 6px;overflow:auto;max-height:820px;display:flex;flex-direction:column;align-items:flex-start}
.veml-pointtip{position:absolute;left:8px;bottom:8px;background:var(--veml-surface);border:1px solid var(--veml-line);border-radius:8px;padding:6px;pointer-events:none}
.veml-pointtip img{max-width:160px;max-height:160px;display:block;border-radius:4px}
.veml-pages{border:0;background:none;overflow:visible}
.veml-pages h1{font-size:24px;margin:8px 0 2px;font-weight:650}
.veml-pages p{margin:0 0 10px}
.veml-pages nav{display:flex;flex-wrap:wrap;gap:4px;border-bottom:1px solid var(--veml-line)}
.veml-pages nav a{padding:7px 14px;color:var(--veml-text);text-decoration:none;border-bottom:3px solid transparent;margin-bottom:-1px}
.veml-pages nav a:hover{background:var(--veml-shade)}
.veml-pages nav a[aria-current=page]{border-bottom-color:var(--veml-data);font-weight:600}
.veml-opened{border-top:1px solid var(--veml-line);padding:6px 8px 8px;position:relative}
.veml-opened[hidden]{display:none}
.veml-opened .veml-shut{margin:0 0 6px}
.veml-findings{border-top:1px solid var(--veml-line)}
.veml-findings:empty{display:none}
.veml-found>summary{padding:6px 10px;cursor:pointer;font-weight:600;font-size:12.5px}
.veml-found .veml-scroll{max-height:320px;padding-top:0}
.veml-found .veml-table{min-width:0}
`;

export function injectStyle(el: Element): void {
  const root = el.getRootNode();
  const home: ParentNode & Node = root instanceof ShadowRoot ? root : document.head;
  const old = home.querySelector('style[data-veml]');
  if (old?.textContent === CSS) return;
  const style = document.createElement('style');
  style.dataset.veml = '';
  style.textContent = CSS;
  if (old) old.replaceWith(style);
  else home.append(style);
}
