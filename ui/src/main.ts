import './styles/window.scss';

import { mount } from 'svelte';

import App from './App.svelte';
import { tauri } from './tauri.ts';

mount(App, { target: document.body, props: { backend: tauri } });
