// A Bluesky PDS with its directory of identities, for one test. It listens on all interfaces of its network namespace,
// which has no other than loopback; a socket in the file system leads in.
//
//     node server.mjs SOCKET RATE_LIMITS    (in the folder that keeps its data)

import crypto from 'node:crypto'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
// Not the whole package, whose other servers take seconds to load.
import { TestPds } from './node_modules/@atproto/dev-env/dist/pds.js'
import { TestPlc } from './node_modules/@atproto/dev-env/dist/plc.js'
import { mockNetworkUtilities } from './node_modules/@atproto/dev-env/dist/util.js'

const [socket, rateLimits] = process.argv.slice(2)
const operations = path.resolve('operations.ndjson')
const keyFile = path.resolve('rotation-key')

// The directory lives in memory: what it was told is kept in a file, and told again after a restart.
const plc = await TestPlc.create({ port: 2582 })
const directory = plc.ctx.db
for (const line of fs.existsSync(operations) ? fs.readFileSync(operations, 'utf8').split('\n') : []) {
  if (line === '') continue
  const { did, operation } = JSON.parse(line)
  await directory.validateAndAddOp(did, operation)
}
const add = directory.validateAndAddOp.bind(directory)
directory.validateAndAddOp = async (did, operation) => {
  await add(did, operation)
  fs.appendFileSync(operations, JSON.stringify({ did, operation }) + '\n')
}

if (!fs.existsSync(keyFile)) fs.writeFileSync(keyFile, crypto.randomBytes(32).toString('hex'))
fs.mkdirSync('data', { recursive: true })
const pds = await TestPds.create({
  port: 2583,
  didPlcUrl: plc.url,
  dataDirectory: path.resolve('data'),
  blobstoreDiskLocation: path.resolve('blobs'),
  plcRotationKeyK256PrivateKeyHex: fs.readFileSync(keyFile, 'utf8'),
  rateLimitsEnabled: rateLimits === 'on',
})
mockNetworkUtilities(pds)

const relay = net.createServer({ allowHalfOpen: true }, (outside) => {
  const inside = net.connect({ port: pds.port, host: '127.0.0.1', allowHalfOpen: true })
  const end = () => (outside.destroy(), inside.destroy())
  outside.on('error', end).pipe(inside)
  inside.on('error', end).pipe(outside)
})
fs.rmSync(socket, { force: true })
relay.listen(socket, () => console.log('the PDS serves'))
