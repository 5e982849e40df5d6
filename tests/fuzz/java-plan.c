/* SPDX-License-Identifier: Apache-2.0 */
/* What the planner of jars is asked, as JSON: what it chooses was asked about, is not held, and its
 * answer is JSON with a verdict for each thing that was wanted. Then the same bytes as metadata of
 * a repository, as a pom, as a text that names jars, as a version range, and as a jar. */
#include <stdlib.h>

#include "repair/java/java.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_texts(struct hm_cx *cx, struct hm_str text)
{
	HM_AUTO_BUF b = HM_BUF(16 * HM_MIB);
	struct json_out o = json_out(&b, false);
	struct java_files files = { 0 };
	struct hm_strs names = { 0 };
	struct json doc;
	if (!repair_java_metadata(cx, HM_STR("g:a"), HM_STR("http://r"), text, &files))
		for (size_t i = 0; i < files.n; i++)
			if (hm_find(files.p[i].url, HM_STR("..")) != SIZE_MAX ||
			    (i &&
			     repair_java_order(files.p[i - 1].version, files.p[i].version) > 0))
				abort();
	json_open(&o, NULL, '{');
	repair_java_put_requires(cx, text, &o);
	json_close(&o, '}');
	if (!b.over && json_parse(cx, hm_buf_str(&b), JSON_STRICT, &doc))
		abort();
	repair_java_names(cx, text, &names);
	for (size_t i = 0; i < names.n; i++)
		if (!hm_ends(names.p[i], HM_STR(".jar")) ||
		    hm_find_char(names.p[i], '/') != SIZE_MAX ||
		    (repair_java_names_file(names.p[i], names.p[i], HM_STR("x")) && !names.p[i].n))
			abort();
	(void)repair_java_allows(text, HM_STR("1.5"));
	(void)repair_java_may_follow(HM_STR("1.5-jre"), text);
}

static void read_jar(struct hm_cx *cx, struct hm_str bytes)
{
	HM_AUTO_BUF b = HM_BUF(16 * HM_MIB), close = HM_BUF(16 * HM_MIB);
	struct json doc;
	if (repair_java_look(cx, HM_STR("app/a-1.jar"), bytes, &b) || b.over)
		return;
	if (json_parse(cx, hm_buf_str(&b), JSON_STRICT, &doc))
		abort();
	if (!repair_java_look_closely(cx, HM_STR("a-1.jar"), bytes, &close) && !close.over &&
	    json_parse(cx, hm_buf_str(&close), JSON_STRICT, &doc))
		abort();
}

static void check_answer(struct json question, struct json answer)
{
	struct json choices = json_get(answer, "choices"), all = json_get(question, "jars");
	for (struct json_iter it = json_iter(choices); json_next(&it);) {
		int64_t i;
		if (!json_int(json_get(it.value, "jar"), &i) || i < 0 ||
		    (size_t)i >= json_size(all) ||
		    json_str(json_get(json_at(all, (size_t)i), "held")).n)
			abort();
	}
	if (json_is_there(choices) &&
	    json_size(json_get(answer, "verdicts")) != json_size(json_get(question, "wants")))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	HM_AUTO_BUF b = HM_BUF(16 * HM_MIB);
	struct json_out o = json_out(&b, false);
	struct json question, answer;
	read_texts(&cx, hm_bytes(data, size));
	read_jar(&cx, hm_bytes(data, size));
	if (json_parse(&cx, hm_bytes(data, size), JSON_STRICT, &question) ||
	    repair_java_choose(&cx, question, &o) || b.over)
		return 0;
	if (json_parse(&cx, hm_buf_str(&b), JSON_STRICT, &answer))
		abort();
	check_answer(question, answer);
	return 0;
}
