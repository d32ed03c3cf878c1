import { LabIcon } from '@jupyterlab/ui-components';

const svgstr = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="16"><g class="jp-icon3" fill="#616161"><circle cx="5" cy="12" r="3.2"/><path d="M19 1.4l3.8 3.8L19 9l-3.8-3.8z"/><rect x="16" y="15.6" width="6" height="6" rx="1"/><path d="M8.3 10.6l6.2-3.6.8 1.3-6.3 3.7zM8.9 12.1l6.7 4.4-.8 1.3-6.8-4.5z"/></g></svg>`;

export const vemlIcon = new LabIcon({ name: 'veml:icon', svgstr });
