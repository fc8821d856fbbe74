// The page with a played agent: `?scene=signed_in`, `&first` for the first start, `&stepwise` for a
// doctor that waits for `played.step()`.

import '../styles/window.scss';

import { mount } from 'svelte';

import App from '../App.svelte';
import { Played } from './played.ts';
import { SCENES, type Scene } from './scenes.ts';

const asked = new URLSearchParams(location.search);
const scene = asked.get('scene') ?? 'card';
const played = new Played((scene in SCENES ? scene : 'card') as Scene, asked.has('first'), asked.has('stepwise'));
Object.assign(window, { played });

mount(App, { target: document.body, props: { backend: played } });
