/* SPDX-License-Identifier: Apache-2.0 */
/* glob.h - patterns of paths, as the ignore files of other scanners have them. Private to the room.
 */
#ifndef ADVISORY_GLOB_H
#define ADVISORY_GLOB_H

#include "base/base.h"

/* "?" is one character and "*" any number of them, neither a slash; "**" is anything. The whole
 * path counts. Takes time and memory of the product of the lengths at most. */
bool advisory_glob(struct hm_cx *cx, struct hm_str pattern, struct hm_str path);
/* False: it has something else that means more than itself ("[a-z]", "{a,b}", "\"). */
bool advisory_glob_is_plain(struct hm_str pattern);

#endif
