// Says which packages of others are in the page, for the notices and the bill of materials of the MSI:
// a line for each with name, version, licence and SHA-512, by tabs.

import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What stands before the name of a package in the path of one of its files. */
const FOLDER = 'node_modules/';

/** The name of the package that a path in a package, or an import of it, begins with. */
function nameOf(path) {
  const parts = path.split('/');
  return parts.slice(0, path.startsWith('@') ? 2 : 1).join('/');
}

/** The packages whose modules and files are in what was made. */
function ofBundle(bundle) {
  const files = Object.values(bundle).flatMap((made) => made.moduleIds ?? made.originalFileNames ?? []);
  return files
    .filter((file) => file.includes(FOLDER))
    .map((file) => {
      const [, inside, nested] = file.split(FOLDER);
      if (nested !== undefined) throw new Error(`${file}: a package in a package is not foreseen`);
      return nameOf(inside);
    });
}

/** The packages that the styles use: Sass puts them together, and the bundle does not know them. */
function ofStyles(folder) {
  const files = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.scss'));
  return files.flatMap((file) => {
    const uses = readFileSync(join(folder, file), 'utf8').matchAll(/^@use "([^"]+)"/gm);
    return [...uses].map(([, used]) => used).filter((used) => !/^(\.|sass:)/.test(used) && used.includes('/'));
  }).map(nameOf);
}

/** A plugin for Vite that writes the list to a file, which is not in the page. */
export function packages(file) {
  return {
    name: 'packages',
    apply: 'build',
    generateBundle(_options, bundle) {
      const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages;
      const names = new Set([...ofBundle(bundle), ...ofStyles('src')]);
      const lines = [...names].sort().map((name) => {
        const folder = FOLDER + name;
        const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
        const checksum = Buffer.from(lock[folder].integrity.replace('sha512-', ''), 'base64');
        return [name, version, license, checksum.toString('hex')].join('\t');
      });
      writeFileSync(file, `${lines.join('\n')}\n`);
    },
  };
}
