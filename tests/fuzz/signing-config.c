/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "trust/sigstore/sign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* No more are chosen than there are, and each is valid at the time. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { NOW = 1780000000 };
	HM_AUTO_CX cx = HM_CX(16 << 20);
	struct sigstore_services s;
	struct sigstore_chosen those;
	if (trust_sigstore_services_parse(&cx, hm_bytes(data, size), &s) ||
	    trust_sigstore_services_choose(&cx, &s.logs, "logs", 2, NOW, &those))
		return 0;
	if (those.n > s.logs.n)
		abort();
	for (size_t i = 0; i < those.n; i++)
		if (those.p[i]->valid.from > NOW || those.p[i]->valid.until < NOW ||
		    !those.p[i]->url.n)
			abort();
	return 0;
}
