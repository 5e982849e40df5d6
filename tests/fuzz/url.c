/* SPDX-License-Identifier: Apache-2.0 */
/* A URL, a reference against it, and header lines. */
#include "http/client/client.h"
#include "http/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(1 << 20);
	struct hm_str rest = hm_bytes(data, size), text;
	struct http_url u, again;
	struct http_header h;
	struct hm_str url = hm_line(&rest), reference = hm_line(&rest);
	if (!http_url_parse(&cx, url, &u)) {
		if (u.host.n == 0 || u.port == 0 || u.port > 65535 || u.path.n == 0)
			__builtin_trap();
		if (!http_url_resolve(&cx, url, reference, &text) &&
		    http_url_parse(&cx, text, &again))
			__builtin_trap();
	}
	/* what is ours as a field is ours as the host that it names */
	text = http_host_of(url);
	if (http_host_is_ours(url, &reference, 1) &&
	    !http_host_is_ours(hm_find_char(text, ':') == SIZE_MAX
				       ? text
				       : hm_fmt(&cx, "[%.*s]", HM_FMT(text)),
			       &reference, 1))
		__builtin_trap();
	(void)!http_unescape(&cx, url, true, &text);
	while (rest.n)
		(void)http_header_line(hm_line(&rest), &h);
	(void)http_retry_pause(1, url, 0);
	return 0;
}
