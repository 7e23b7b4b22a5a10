/** The area of law a rule belongs to: `social` of `uz.social.child-benefit`. */
export const ruleArea = (rule: string): string => rule.split('.')[1] ?? rule
