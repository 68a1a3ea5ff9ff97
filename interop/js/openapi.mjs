// A parser of OpenAPI documents against /openapi.json: node openapi.mjs http://127.0.0.1:7860
import assert from 'node:assert/strict'
import SwaggerParser from '@apidevtools/swagger-parser'
import { base } from './client.mjs'

const document = await (await fetch(`${base}/openapi.json`)).json()
const described = await SwaggerParser.validate(document)
assert.ok(described.openapi.startsWith('3.1'))
console.log(JSON.stringify({ paths: Object.keys(described.paths).length }))
