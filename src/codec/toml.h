/* SPDX-License-Identifier: Apache-2.0 */
/*
 * toml.h - TOML 1.0 (toml.io/en/v1.0.0), read into the JSON tree.
 *
 * Tables become objects, arrays of tables arrays of objects; members stand in the order in which
 * their keys first appear. Dates and times become strings as they are written, and so do inf and
 * nan, which JSON does not have. A key that is given twice, a table that is defined twice and an
 * inline table that is added to are refused.
 */
#ifndef CODEC_TOML_H
#define CODEC_TOML_H

#include "codec/json.h"

/* HM_INPUT with the line; HM_LIMIT past HM_MAX_TOML, HM_MAX_JSON_DEPTH or the budget. */
HM_MUST hm_err toml_parse(struct hm_cx *cx, struct hm_str text, struct json *out);

#endif
