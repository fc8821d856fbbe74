// An agent that only plays: for development and for tests of the page.

import type { DoctorEvent, Outcome } from '../api/answers.ts';
import type { Failure, View } from '../api/snapshot.ts';
import type { Backend } from '../backend.ts';
import { ACTIVITY, APPS, CHECKS, DIAGNOSTICS, PAIRINGS, SETTINGS } from './answers.ts';
import { SCENES, START, type Scene } from './scenes.ts';

const RIGHT_CODE = '123456';

export class Played implements Backend {
  /** What was asked, in order. */
  readonly calls: string[] = [];
  #view: View;
  #hear: (view: View) => void = () => undefined;
  #open: () => void = () => undefined;
  #wanted: string | null = null;
  #begun = performance.now();
  #apps = APPS;
  #pairings = PAIRINGS;
  #settings = SETTINGS;
  #tries = 4;
  /** The next call, or the check under way, is refused with it. */
  #refusal: Failure | undefined;
  #steps: (() => void) | undefined;

  constructor(scene: Scene, readonly first: boolean, readonly stepwise: boolean) {
    this.#view = SCENES[scene]();
  }

  /** Goes on to another scene; its time begins anew. */
  show(scene: Scene): void {
    this.#begun = performance.now();
    this.#view = SCENES[scene]();
    this.#hear(this.#timed());
  }

  refuseNext(failure: Failure): void {
    this.#refusal = failure;
  }

  /** Lets the doctor take its next step, where it goes step by step. */
  step(): void {
    this.#steps?.();
  }

  now = async () => this.#timed();
  follow = async (hear: (view: View) => void) => {
    this.#hear = hear;
    return () => (this.#hear = () => undefined);
  };
  login = (mode: string) => this.#done(`login ${mode}`, () => {
    this.show(mode === 'sign_in' ? 'signing_in' : 'changing_role');
    return { attempt: 'a1' };
  });
  cancelLogin = () => this.#done('cancel_login', () => this.#to('card'));
  loginAddress = () => this.#done('login_address', () => 'http://127.0.0.1:9000/authorize?client_id=example&state=example');
  logout = () => this.#done('logout', () => this.#to('card'));
  staySignedIn = () => this.#done('stay_signed_in', () => this.#to('signed_in'));
  apps = async () => this.#apps;
  pairings = async () => (this.#view.pairings > 0 ? this.#pairings : []);
  approve = (pairing: string, code: string) => this.#done(`approve ${pairing} ${code}`, () => {
    if (code !== RIGHT_CODE) {
      throw {
        code: 'pairing_code_wrong', remedy: 'Type the six digits that the program shows now.',
        message: `That is not the code that the program shows. Tries left: ${this.#tries--}.`,
      } satisfies Failure;
    }
    const { name, scopes, from } = this.#pairings.find(({ id }) => id === pairing)!;
    this.#apps = [...this.#apps, { id: `p-${pairing}`, name, scopes, origins: from.origin ? [from.origin] : [], source: 'paired' }];
    return this.#answered(pairing);
  });
  decline = (pairing: string) => this.#done(`decline ${pairing}`, () => this.#answered(pairing));
  revokeApp = (id: string) => this.#done(`revoke_app ${id}`, () => {
    this.#apps = this.#apps.filter((app) => app.id !== id);
    return null;
  });
  activity = async () => ACTIVITY;
  diagnostics = async () => DIAGNOSTICS;
  doctor = async (cis2: boolean, hear: (event: DoctorEvent) => void) => {
    this.calls.push(`doctor ${cis2}`);
    for (const check of CHECKS) {
      hear({ event: 'check.started', id: check.id, title: check.title });
      if (this.stepwise) await new Promise<void>((resolve) => (this.#steps = resolve));
      this.#refuse();
      hear({ event: 'check.finished', check });
    }
    const number = (outcome: Outcome) => CHECKS.filter((check) => check.outcome === outcome).length;
    hear({
      event: 'doctor.finished',
      counts: { ok: number('ok'), warnings: number('warning'), failures: number('failure'), skipped: number('skipped') },
    });
    return null;
  };
  settings = async () => this.#settings;
  setDesktop: Backend['setDesktop'] = (key, value) => this.#done(`set_desktop ${key} ${JSON.stringify(value)}`, () => {
    const rows = this.#settings.rows.map((row) =>
      row.key === `desktop.${key}` ? { ...row, value: JSON.stringify(value), place: 'user' as const } : row);
    return (this.#settings = { rows, desktop: { ...this.#settings.desktop, [key]: value } });
  });
  supportBundle = () => this.#done('support_bundle', () => ({ file: 'C:\\Users\\example\\Documents\\cardea-support-2026-01-05.zip' }));
  firstStart = async () => this.first;
  firstStartDone = () => this.#done('first_start_done', () => null);
  opened = async () => {
    const wanted = this.#wanted;
    this.#wanted = null;
    return wanted;
  };
  onOpen = async (hear: () => void) => {
    this.#open = hear;
    return () => (this.#open = () => undefined);
  };
  /** The user asks for a view by the tray. */
  open(view: string): void {
    this.#wanted = view;
    this.#open();
  }
  about = async () => ({ version: '0.1.0', licence: 'Apache-2.0' });

  async #done<T>(call: string, act: () => T): Promise<T> {
    this.calls.push(call);
    this.#refuse();
    return act();
  }

  #refuse(): void {
    const refusal = this.#refusal;
    this.#refusal = undefined;
    if (refusal) throw refusal;
  }

  #to(scene: Scene): null {
    this.show(scene);
    return null;
  }

  #answered(pairing: string): null {
    this.#pairings = this.#pairings.filter(({ id }) => id !== pairing);
    this.#view = { ...this.#view, pairings: this.#pairings.length };
    this.#hear(this.#timed());
    return null;
  }

  #timed(): View {
    return { ...this.#view, server_time: new Date(START + performance.now() - this.#begun).toISOString() };
  }
}
