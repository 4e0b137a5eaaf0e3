import chisquare from '@stdlib/stats-base-dists-chisquare'
import normal from '@stdlib/stats-base-dists-normal'
const t=performance.now()
const a: number = chisquare.cdf(1.6224089636, 5)
console.log(1-a, normal.quantile(0.975,0,1), chisquare.quantile(0.95, 199), chisquare.cdf(200,199), 1-chisquare.cdf(80,5), 1-chisquare.cdf(2000,199), normal.cdf(-8,0,1))
let s=0; const t2=performance.now(); for(let i=0;i<1e5;i++) s+=chisquare.cdf(i%50,9); console.log((performance.now()-t2)/1e5*1000,'us',s, t)
