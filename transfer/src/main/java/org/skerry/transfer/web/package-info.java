/** Reading from web servers that strangers named, and believing none of them. */
@NullMarked
package org.skerry.transfer.web;

import org.jspecify.annotations.NullMarked;
