/** What stands where there is no figure, because there was nothing to divide by. */
const nothing = '-';

export const wholeText = (value: number): string => Math.round(value).toLocaleString('en-US');
export const meanText = (value: number): string => (Number.isInteger(value) ? wholeText(value) : value.toFixed(1));
export const partText = (value: number | null): string => value?.toFixed(3) ?? nothing;
export const shareText = (value: number | null): string => (value === null ? nothing : `${(100 * value).toFixed(1)} %`);
export const rowsText = (value: number | null): string => (value === null ? nothing : wholeText(value));
export const rateText = (value: number | null): string => value?.toFixed(2) ?? nothing;
