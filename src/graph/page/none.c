/* SPDX-License-Identifier: Apache-2.0 */
/* The files of the page, of a program that was built without it. */
#include "graph/page/page.h"

const struct graph_page_file graph_page_files[] = { { 0 } };
