// A copy of Contact and Account by jsforce over SOAP into a file, one JSON line a record, for peers.sh.
//   node jsforce.mjs copy URL FILE        prints what it took as one JSON line
//   node jsforce.mjs change URL FILE N    changes N of the contacts that FILE has, in the emulator
// FIELDS_CONTACT and FIELDS_ACCOUNT are the selected fields. jsforce is looked for in the working directory.
import { createRequire } from 'node:module';
import fs from 'node:fs';

const [, , command, url, file, count] = process.argv;
const require = createRequire(process.cwd() + '/');

async function copy() {
  const jsforce = require('jsforce');
  const { SOAP } = require('jsforce/lib/soap.js');
  // jsforce has no header for the size of pages: without it a page has 500 records instead of 2,000.
  const envelope = SOAP.prototype._createEnvelope;
  SOAP.prototype._createEnvelope = function (message) {
    return envelope.call(this, message).replace('</soapenv:Header>', '<QueryOptions><batchSize>2000</batchSize></QueryOptions></soapenv:Header>');
  };
  const started = Date.now();
  const conn = new jsforce.Connection({ loginUrl: url, version: '64.0' });
  await conn.loginBySoap('integration@example.com', 'emulatorTOKEN');
  const out = fs.createWriteStream(file);
  let records = 0, calls = 1;
  for (const [object, fields] of [['Contact', process.env.FIELDS_CONTACT], ['Account', process.env.FIELDS_ACCOUNT]]) {
    let page = await conn.soap._invoke('query', { queryString: `SELECT ${fields} FROM ${object}` });
    for (calls++; ; calls++) {
      const list = [].concat(page.records ?? []);
      records += list.length;
      if (!out.write(list.map((r) => JSON.stringify(r) + '\n').join(''))) await new Promise((go) => out.once('drain', go));
      if (String(page.done) === 'true') break;
      page = await conn.soap._invoke('queryMore', { queryLocator: page.queryLocator });
    }
  }
  await new Promise((go) => out.end(go));
  console.log(JSON.stringify({ records, calls, seconds: (Date.now() - started) / 1000 }));
}

// contacts gives the Ids of the first contacts of a file that copy wrote.
function contacts(n) {
  const head = Buffer.alloc(n * 4096);
  const fd = fs.openSync(file);
  const lines = head.toString('utf8', 0, fs.readSync(fd, head)).split('\n');
  fs.closeSync(fd);
  return lines.slice(0, -1).map((line) => [].concat(JSON.parse(line)['sf:Id'])[0]).filter((id) => id.startsWith('003')).slice(0, n);
}

async function change() {
  const list = contacts(Number(count)).map((Id, i) => ({ Id, Title: `Title ${i}`, MobilePhone: `+4917604069${String(i % 1000).padStart(3, '0')}` }));
  const reply = await fetch(`${url}/_emulator/records/Contact`, { method: 'POST', body: JSON.stringify(list) });
  const text = await reply.text(); // also so that the connection ends
  if (!reply.ok) throw new Error(text);
}

await { copy, change }[command]();
