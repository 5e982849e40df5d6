/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml.h - YAML 1.1 as Kubernetes uses it, read into the JSON tree.
 *
 * Reading stands on libyaml's events. Plain scalars become null, booleans, integers and reals by
 * the rules that Kubernetes' own reader follows; quoted ones stay strings. Anchors may be defined
 * but aliases are refused, so that a small text cannot become a large tree; keys must be strings
 * and stand once. Tags other than the standard ones are refused.
 *
 * Writing is json.h's: the same calls, another form.
 */
#ifndef CODEC_YAML_H
#define CODEC_YAML_H

#include "codec/json.h"

/* One document. HM_INPUT with the line; HM_LIMIT past HM_MAX_YAML_DEPTH or HM_MAX_YAML_NODES. An
 * empty text is an absent value. More than one document is HM_INPUT. */
HM_MUST hm_err yaml_parse(struct hm_cx *cx, struct hm_str text, struct json *out);
/* All documents of a stream, empty ones left out. */
HM_MUST hm_err yaml_parse_all(struct hm_cx *cx, struct hm_str text, struct json **out,
			      size_t *out_n);

/* YAML in block style, made by the calls of json.h. Readers of YAML 1.1 and 1.2 get the values that
 * a reader of JSON gets: what could be taken for a number, a boolean, null, a date or a mark stands
 * in double quotes, and so does all that is no plain ASCII. */
struct json_out yaml_out(struct hm_buf *to);

#endif
