/* SPDX-License-Identifier: Apache-2.0 */
/*
 * template.h - a bounded part of Go's text/template, over JSON.
 *
 * What is here means what it means in Go, for data that encoding/json has decoded: an object is a
 * map with sorted keys, a number is a float64 (and prints as one: 1234567 is 1.234567e+06), what is
 * missing prints as "<no value>". A difference would be a fault of ours; what is not here is
 * refused, by name and place, before anything is printed.
 *
 * There are: text, {{- trim markers -}}, comments; fields, variables ({{$x := ...}}, {{$x = ...}}),
 * literals (texts, decimal and 0x numbers, true, false, nil), pipelines, parentheses; if, else if,
 * with, else with, range (also {{range $i, $e := ...}}, else, break, continue); and the functions
 * of template_fn.c: Go's own but `call` and `slice`, and the common ones of Sprig. There are not:
 * define, template, block, other literals. Wrong numbers of arguments are refused with the rest
 * before the template runs, in Go only where it gets there. Printf knows the verbs that fit their
 * argument. `upper` and `lower` are for ASCII. In quoted texts, code points that Unicode has not
 * assigned stand as they are.
 *
 * Nothing here calls itself: a template becomes a list of steps, which a loop follows.
 */
#ifndef CODEC_TEMPLATE_H
#define CODEC_TEMPLATE_H

#include "codec/json.h"

struct template;

/* HM_USAGE: what is wrong, behind "template: line L, column C" (both counted from 1; bytes).
 * HM_LIMIT: HM_MAX_TEMPLATE, HM_MAX_TEMPLATE_DEPTH. `text` must outlive the template. */
HM_MUST hm_err template_parse(struct hm_cx *cx, struct hm_str text, const struct template **out);

/* Apply it to `data`; what it prints is added to `out`. HM_INPUT: the data are not of the kind that
 * the template takes them for, with the place in the template. HM_LIMIT: HM_MAX_TEMPLATE_STEPS,
 * HM_MAX_TEMPLATE_OUTPUT, `out` or the budget. After a fault `out` holds a part of the result. */
HM_MUST hm_err template_run(struct hm_cx *cx, const struct template *t, struct json data,
			    struct hm_buf *out);

#endif
