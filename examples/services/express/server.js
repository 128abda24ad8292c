// The chat in Express, access-log mode: no Python in it. nginx in front writes who sent each request, and gives each request an id;
// the chat stores that id with the post. It listens on a Unix socket only, so that nobody but nginx can give ids.
'use strict'

const fs = require('node:fs')
const express = require('express')

const [socket, file] = process.argv.slice(2)
const lines = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\n').filter(Boolean) : []
const posts = lines.map((line) => JSON.parse(line))
const kept = fs.openSync(file, 'a', 0o600)
const REFUSED = '送信元を記録できないため、書き込みを受け付けませんでした。 / The post was refused because its sender could not be kept.'

const escape = (text) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)
const row = (post) => `<li id="post-${escape(post.subject)}"><b>${escape(post.author)}</b> ${escape(post.body)}</li>`
const page = (notice = '') => `<!doctype html>
<html lang="ja"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>チャット / Chat</title></head><body>
<h1>チャット <span lang="en">/ Chat</span></h1>${notice && `<p role="alert">${escape(notice)}</p>`}
<form method="post" action="/posts">
<p><label>名前 <span lang="en">/ Name</span> <input name="author" maxlength="40" required></label></p>
<p><label>本文 <span lang="en">/ Message</span> <textarea name="body" maxlength="1000" required></textarea></label></p>
<p><button>書き込む <span lang="en">/ Post</span></button></p></form>
<p>投稿した人のアドレス・ポートと日時は封をして保管され、法律の手続きによってのみ開かれます。
<span lang="en">The sender's address, port and time are kept sealed and opened only by a procedure of law.</span></p>
<ul>
${posts.slice(-50).reverse().map(row).join('\n')}
</ul></body></html>
`

const app = express()
app.disable('x-powered-by')
app.use(express.urlencoded({ extended: false, limit: '16kb' }))
app.get('/', (request, response) => response.send(page()))
app.post('/posts', (request, response) => {
  const id = request.get('x-request-id') ?? ''
  if (!/^[0-9a-f]{32}$/.test(id)) return response.status(503).send(page(REFUSED))
  const [author, body] = ['author', 'body'].map((name) => String(request.body?.[name] ?? '').trim())
  if (!author || author.length > 40 || !body || body.length > 1000) return response.status(400).send(page())
  const post = { subject: String(posts.length + 1), request: id, author, body }
  fs.writeSync(kept, JSON.stringify(post) + '\n') // `sekisho-sender join` reads subject and request from this file
  posts.push(post)
  return response.redirect(303, '/')
})
fs.rmSync(socket, { force: true })
app.listen(socket, () => console.log('ready'))
