// SPDX-License-Identifier: Apache-2.0
// vex-csaf.mjs FILE: is it valid by CSAF's schema, and all mandatory tests of it (BSI's validator)?
import { readFileSync } from 'node:fs'
import validate from '@secvisogram/csaf-validator-lib/validate.js'
import * as mandatory from '@secvisogram/csaf-validator-lib/mandatoryTests.js'
import * as schema from '@secvisogram/csaf-validator-lib/schemaTests.js'

const document = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const tests = [schema.csaf_2_0_strict ?? schema.csaf_2_0, ...Object.values(mandatory)]
const result = await validate(tests, document)
for (const t of result.tests) if (!t.isValid) console.log(t.name, JSON.stringify(t.errors))
console.log(`${result.tests.length} tests`)
process.exit(result.isValid && result.tests.length > 30 ? 0 : 1)
