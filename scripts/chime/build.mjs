// Writes the bundle and the licences of all that is in it into the folder given. Run by scripts/chime-bundle.

import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "esbuild";

const out = process.argv[2];

// One task of the SDK imports the whole index, and with it what nobody here uses.
const lean = {
  name: "lean",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.$/ }, ({ importer }) =>
      (importer.endsWith("PromoteToPrimaryMeetingTask.js") ? { path: resolve("status.cjs") } : undefined));
  },
};

const { metafile } = await build({
  entryPoints: ["parts.js"], outfile: join(out, "chime.js"), bundle: true, minify: true, format: "esm", target: "es2022",
  platform: "browser", define: { global: "globalThis" }, legalComments: "none", charset: "utf8", metafile: true, plugins: [lean], logLevel: "warning",
});

const inside = new Set();
for (const [path, { bytesInOutput }] of Object.entries(Object.values(metafile.outputs)[0].inputs)) {
  const name = path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1];
  if (name && bytesInOutput) inside.add(name);
}

const texts = [...inside].sort().map((name) => {
  const folder = join("node_modules", name);
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json")));
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file)).sort();
  if (!license) throw new Error(`${name} names no licence`);
  const words = files.map((file) => readFileSync(join(folder, file), "utf8").trim());
  return [`${name} ${version} (${license})`, ...words].join("\n\n");
});
const rule = `\n\n${"-".repeat(80)}\n\n`;
writeFileSync(join(out, "chime.LICENSES.txt"), `chime.js is made of these packages, unchanged but for bundling and minifying.${rule}${texts.join(rule)}\n`);
