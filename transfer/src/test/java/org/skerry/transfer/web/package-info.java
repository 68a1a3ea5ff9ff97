@NullMarked
package org.skerry.transfer.web;

import org.jspecify.annotations.NullMarked;
