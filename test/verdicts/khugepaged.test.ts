/** The retractions of the built-in khugepaged, in every cell: the header's verdict, by every search. */

import { describe } from 'vitest';
import { Cells, KHUGEPAGED_SCENARIOS } from './cells.ts';
import { describeCells } from './table.ts';

const cells = new Cells();

describe.each(KHUGEPAGED_SCENARIOS)('%s', (name) => {
  describeCells(cells, cells.of(name));
});
