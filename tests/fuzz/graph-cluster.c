/* SPDX-License-Identifier: Apache-2.0 */
/* What an API server says (the first byte says how: a list, events, an object), which crosses to
 * the parent unchanged; and what a worker says of it. */
#include "graph/cluster/objects.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_answer(struct hm_cx *cx, struct hm_str bytes)
{
	HM_AUTO_BUF b = HM_BUF(64 * HM_MIB);
	struct cluster_answer a;
	if (graph_cluster_read(cx, bytes, &a))
		return;
	for (size_t i = 0; i < a.objects.n; i++)
		for (size_t k = 0; k < a.objects.p[i].containers_n; k++)
			if (a.objects.p[i].containers[k].since < 0 ||
			    hm_has_control(a.objects.p[i].containers[k].name))
				abort();
	graph_cluster_write(&a, &b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(256 * HM_MIB);
	HM_AUTO_BUF b = HM_BUF(64 * HM_MIB);
	struct cluster_answer a, got;
	if (!size)
		return 0;
	struct hm_str bytes = hm_bytes(data + 1, size - 1);
	const char *how = data[0] == 'l'   ? CLUSTER_LIST
			  : data[0] == 'e' ? CLUSTER_EVENTS
					   : CLUSTER_OBJECT;
	if (data[0] == 'r') {
		read_answer(&cx, bytes);
		return 0;
	}
	if (graph_cluster_parse(&cx, hm_cstr(how), bytes, &a))
		return 0;
	graph_cluster_write(&a, &b);
	if (!b.over &&
	    (graph_cluster_read(&cx, hm_buf_str(&b), &got) || got.objects.n != a.objects.n))
		abort();
	return 0;
}
