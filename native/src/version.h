/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NSJOB_VERSION_H
#define NSJOB_VERSION_H

/* The project's version, the same as in pom.xml: a Java test compares them. */
#define NSJOB_VERSION "0.1.0"

#endif
