@NullMarked
package org.skerry.node.service;

import org.jspecify.annotations.NullMarked;
